import { type Bundle, bundle, type Resolution } from "./bundle.ts";
import { freeNamesOf } from "./free-names.ts";
import type { PageEntry } from "./page-entries.ts";

const nodeNames = new Set([
  "Buffer",
  "__dirname",
  "__filename",
  "clearImmediate",
  "exports",
  "global",
  "module",
  "process",
  "require",
  "setImmediate",
]);

/** Those of a script's free names that only Node has. */
export function nodeNamesOf(names: Iterable<string>): readonly string[] {
  return [...names].filter((name) => nodeNames.has(name));
}

/** Says why a page must not load an entry: nothing, when all is well. */
export async function impuritiesOf(
  entry: PageEntry,
  folder: string,
  resolution: Resolution = "source",
): Promise<readonly string[]> {
  let bundled: Bundle;
  try {
    bundled = await bundle(`export * from ${JSON.stringify(entry.name)};`, folder, resolution);
  } catch (error) {
    // A Node built-in has no path in a page: esbuild's own words say which and where.
    return [error instanceof Error ? error.message : String(error)];
  }
  const packages = new Set(bundled.files.map(packageOf));
  const names = freeNamesOf(bundled.script);
  const usedNames = nodeNamesOf(names);
  return [
    ...bundled.externals.map((path) => `leaves ${path} to the page`),
    ...[...packages].filter((name) => !allows(entry, name)).map((name) => `loads ${name}`),
    ...usedNames.filter((name) => !entry.names.includes(name)).map((name) => `uses ${name}`),
    ...entry.packages.filter((name) => !packages.has(name)).map((name) => `need not be allowed ${name}`),
    ...entry.names.filter((name) => !names.has(name)).map((name) => `need not be allowed ${name}`),
  ];
}

function allows({ packages }: PageEntry, name: string): boolean {
  return ["@podwire/codec", "@podwire/transport", "@podwire/client", "@podwire/xterm", ...packages].includes(
    name,
  );
}

/** The package of a bundled file; a file of no package, such as one switched off for pages, is named itself. */
export function packageOf(path: string): string {
  const parts = path.split("node_modules/");
  const installed = /^(?:@[^/]+\/)?[^/]+/.exec(parts.at(-1) ?? "");
  if (parts.length > 1 && installed && !path.startsWith("(")) return installed[0];
  const own = /^(?:.*\/)?packages\/([^/]+)\//.exec(path);
  return own && !path.startsWith("(") ? `@podwire/${own[1]}` : path;
}
