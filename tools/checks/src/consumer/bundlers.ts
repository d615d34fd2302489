import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { build as buildByEsbuild } from "esbuild";
import { rolldown } from "rolldown";
import { rollup } from "rollup";
import { build as buildByVite } from "vite";
import webpack from "webpack";

/** What a bundler made of a module for pages, and what it warned of. */
export interface BundlerOutput {
  readonly script: string;
  readonly warnings: readonly string[];
}

/** Bundlers as their users call them, told no more than that it is for a page. */
export const bundlers: Readonly<Record<string, (entry: string) => Promise<BundlerOutput>>> = {
  async esbuild(entry) {
    const { outputFiles, warnings } = await buildByEsbuild({
      entryPoints: [entry],
      bundle: true,
      write: false,
      format: "esm",
      logLevel: "silent",
    });
    const script = outputFiles.map(({ text }) => text).join("");
    return { script, warnings: warnings.map(({ text }) => text) };
  },

  async vite(entry) {
    const warnings: string[] = [];
    const made = await buildByVite({
      root: join(entry, ".."),
      configFile: false,
      logLevel: "warn",
      build: { write: false, rolldownOptions: { input: entry, onLog: keepWarnings(warnings) } },
    });
    if (!("output" in made)) throw new Error("vite has made several bundles, or watches");
    return { script: scriptOf(made.output), warnings };
  },

  rollup: (entry) => byRollup(entry, true),
  "rollup, not told of pages": (entry) => byRollup(entry, false),

  async rolldown(entry) {
    const warnings: string[] = [];
    const bundle = await rolldown({
      input: entry,
      platform: "browser",
      onLog: keepWarnings(warnings),
    });
    const { output } = await bundle.generate({ format: "esm" });
    await bundle.close();
    return { script: scriptOf(output), warnings };
  },

  async webpack(entry) {
    const path = join(entry, "../webpack");
    const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) => {
      const output = { path, filename: "page.js" };
      // Its hints are about what is larger than 244 KiB, as xterm.js is.
      webpack({ mode: "production", entry, output, performance: false }, (error, made) =>
        error ? reject(error) : resolve(made),
      );
    });
    const { errors = [], warnings = [] } = stats?.toJson({ all: false, errors: true, warnings: true }) ?? {};
    if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join("\n"));
    const script = await readFile(join(path, "page.js"), "utf8");
    return { script, warnings: warnings.map(({ message }) => message) };
  },
};

async function byRollup(entry: string, browser: boolean): Promise<BundlerOutput> {
  const warnings: string[] = [];
  const bundle = await rollup({
    input: entry,
    plugins: [nodeResolve({ browser })],
    onLog: keepWarnings(warnings),
  });
  const { output } = await bundle.generate({ format: "es" });
  await bundle.close();
  return { script: scriptOf(output), warnings };
}

function keepWarnings(warnings: string[]): (level: string, log: { readonly message: string }) => void {
  return (level, { message }) => {
    if (level === "warn") warnings.push(message);
  };
}

/** The one script of a bundle: a page that loads several would need to be told so. */
function scriptOf(output: readonly { readonly type: string; readonly code?: string }[]): string {
  const scripts = output.flatMap(({ type, code }) => (type === "chunk" && code !== undefined ? [code] : []));
  if (scripts.length !== 1) throw new Error(`there are ${scripts.length} scripts, and not one`);
  return scripts.join("");
}
