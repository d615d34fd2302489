import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** What a page would load for a piece of code. */
export interface Bundle {
  /** Minified. */
  readonly script: string;
  /** Bytes of the script, compressed with gzip. */
  readonly bytes: number;
  /** The files in it, relative to the folder. */
  readonly files: readonly string[];
  /** What is left for the page to resolve. */
  readonly externals: readonly string[];
}

/** What our own packages are resolved to: their sources, or what was built of them. */
export type Resolution = "source" | "built";

/** Bundles code as a page's bundler does; fails with the bundler's words if there is nothing to load. */
export async function bundle(
  code: string,
  folder: string,
  resolution: Resolution = "source",
): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: folder, sourcefile: "<page>", loader: "ts" },
    absWorkingDir: folder,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: [...(resolution === "source" ? ["@podwire/source"] : []), "browser", "import"],
    logLevel: "silent",
  });
  const script = outputFiles.map(({ text }) => text).join("");
  const externals = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  return {
    script,
    bytes: gzipSync(script, { level: 9 }).byteLength,
    files: Object.keys(metafile.inputs).filter((path) => path !== "<page>"),
    externals,
  };
}
