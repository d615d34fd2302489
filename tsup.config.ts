import { readFileSync } from "node:fs";
import { defineConfig } from "tsup";

const { exports } = JSON.parse(readFileSync("package.json", "utf8")) as { exports: unknown };
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
  external: [/^node:/],
  treeshake: true,
  sourcemap: true,
  splitting: false,
  clean: true,
});
