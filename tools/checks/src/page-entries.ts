import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Something that a page may import. */
export interface PageEntry {
  readonly name: string;
  /** Packages it loads besides ours; a permission that is not needed is a fault. */
  readonly packages: readonly string[];
  /** Names of Node that it mentions. */
  readonly names: readonly string[];
}

const pagePackages = ["codec", "transport", "client", "xterm"];
const nodeOnly = ["@podwire/transport/node"];
const permissions: Readonly<Record<string, Pick<PageEntry, "packages" | "names">>> = {
  // Its page build asks `typeof global` before it uses it.
  "@podwire/transport/isomorphic": { packages: ["isomorphic-ws"], names: ["global"] },
};

/** All entries of the packages for pages, from their manifests: one that is added is checked without more ado. */
export function pageEntriesOf(repository: string): readonly PageEntry[] {
  const names = pagePackages.flatMap((folder) => {
    const manifest = readFileSync(join(repository, "packages", folder, "package.json"), "utf8");
    const { exports }: { exports: Record<string, unknown> } = JSON.parse(manifest);
    const paths = Object.keys(exports).filter((path) => path !== "./package.json");
    return paths.map((path) => `@podwire/${folder}${path.slice(1)}`);
  });
  return names
    .filter((name) => !nodeOnly.includes(name))
    .map((name) => ({ name, packages: [], names: [], ...permissions[name] }));
}
