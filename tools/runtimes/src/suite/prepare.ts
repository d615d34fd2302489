import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The transport suite and the adapter for workerd, bundled to one worker. */
export async function prepareSuite(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("worker.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    platform: "browser",
    conditions: ["@podwire/source", "workerd", "worker", "browser"],
    alias: { vitest: fileURLToPath(new URL("vitest.ts", import.meta.url)) },
    logLevel: "silent",
  });
  return outputFiles.map(({ text }) => text).join("");
}
