import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** What a page would load for a piece of code. */
export interface Bundle {
  /** Bytes, minified and compressed with gzip. */
  readonly bytes: number;
  /** What a page cannot run or must not load. */
  readonly impurities: readonly string[];
}

/** Files that only Node can run, whatever the bundler makes of them. */
const nodeOnly = /node_modules\/(?:.*\/)?(?:ws|isomorphic-ws|undici|yaml)\/|packages\/(?:kubeconfig|devserver)\//;
/** Names that only Node has, as free identifiers: not a property, not a key, not inside a word. */
const nodeGlobals = /(?<![\w$."'`])(?:Buffer|process|require|__dirname|setImmediate)(?![\w$"'`:])/g;

/** Bundles code as a page's bundler does and says how large and how pure the result is. */
export async function bundle(code: string, resolveDir: string): Promise<Bundle> {
  let result: Awaited<ReturnType<typeof buildForPage>>;
  try {
    result = await buildForPage(code, resolveDir);
  } catch (error) {
    // A Node built-in has no path in a page: esbuild's own words say which and where.
    return { bytes: 0, impurities: [error instanceof Error ? error.message : String(error)] };
  }
  const text = result.outputFiles[0]?.text ?? "";
  const inputs = Object.keys(result.metafile.inputs).filter((path) => nodeOnly.test(path));
  const globals = new Set(text.match(nodeGlobals));
  return {
    bytes: gzipSync(text, { level: 9 }).byteLength,
    impurities: [...inputs.map((path) => `loads ${path}`), ...Array.from(globals, (name) => `uses ${name}`)],
  };
}

function buildForPage(code: string, resolveDir: string) {
  return build({
    stdin: { contents: code, resolveDir, loader: "ts" },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: ["@podwire/source", "browser", "import"],
    logLevel: "silent",
  });
}
