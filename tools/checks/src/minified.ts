import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import type { Resolution } from "./bundle.ts";

const entry = "<page>";

/** Bytes of what a page would load for a piece of code, as Vite minifies it, compressed with gzip. */
export async function minifiedBytes(
  code: string,
  folder: string,
  resolution: Resolution = "source",
): Promise<number> {
  const bundle = await rolldown({
    input: entry,
    platform: "browser",
    resolve: {
      conditionNames: [...(resolution === "source" ? ["@podwire/source"] : []), "browser", "import"],
    },
    plugins: [
      {
        name: "a page",
        resolveId(source, importer) {
          if (source === entry) return source;
          return importer === entry ? this.resolve(source, join(folder, "page.ts")) : undefined;
        },
        load: (id) => (id === entry ? code : undefined),
      },
    ],
  });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  const [{ code: script }] = output;
  return gzipSync(script, { level: 9 }).byteLength;
}
