import { readFileSync } from "node:fs";
import { defineConfig } from "tsup";

const { exports, optionalDependencies = {} } = JSON.parse(readFileSync("package.json", "utf8")) as {
  exports: unknown;
  optionalDependencies?: Record<string, string>;
};
const entry = [...new Set(JSON.stringify(exports).match(/\.\/src\/[\w-]+\.ts/g))];

export default defineConfig({
  entry,
  format: ["esm", "cjs"],
  tsconfig: "../../tsconfig.json",
  platform: "neutral",
  target: "es2022",
  // tsup 8 sets baseUrl, which TypeScript 6 deprecates.
  dts: { compilerOptions: { ignoreDeprecations: "6.0" } },
  // tsup 8 rewrites node:net to net unless told not to.
  removeNodeProtocol: false,
  // tsup 8 leaves out dependencies, and would bundle the optional ones.
  external: [/^node:/, ...Object.keys(optionalDependencies)],
  treeshake: true,
  sourcemap: true,
  splitting: false,
  clean: true,
  esbuildOptions(options) {
    // The sources are in the package, beside what is built of them.
    options.sourcesContent = false;
  },
});
