import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, posix } from "node:path";
import { filesBelow } from "./tarballs.ts";

const required = ["LICENSE", "README.md", "package.json"];

/** What is wrong with the files of our packages as they were installed. */
export async function faultsOfPackedFiles(project: string, repository: string): Promise<readonly string[]> {
  const scope = join(project, "node_modules", "@podwire");
  const machinePaths = [repository, `${homedir()}/`];
  const faults: string[] = [];
  for (const name of await readdir(scope)) {
    const files = await filesBelow(join(scope, name));
    faults.push(...required.filter((file) => !files.includes(file)).map((file) => `${name} has no ${file}`));
    for (const file of files) {
      const text = await readFile(join(scope, name, file), "utf8");
      const found = [...faultsOfFile(file, text, machinePaths), ...danglingOf(file, text, files)];
      faults.push(...found.map((fault) => `${name}/${file} ${fault}`));
    }
  }
  return faults;
}

/** What is wrong with one packed file. */
export function faultsOfFile(file: string, text: string, machinePaths: readonly string[]): readonly string[] {
  const faults = machinePaths.filter((path) => text.includes(path)).map((path) => `holds the path ${path}`);
  if (file === "package.json" && /"(?:workspace|catalog):/.test(text)) {
    faults.push("has a version that only this workspace understands");
  }
  if (file.endsWith(".map")) {
    const { sources }: { sources: readonly string[] } = JSON.parse(text);
    const absolute = sources.filter((source) => /^(?:\/|[a-z]+:)/i.test(source));
    faults.push(...absolute.map((source) => `maps to ${source}`));
  }
  return faults;
}

/** What a packed script's map, or a packed map's sources, point to that is not packed. */
export function danglingOf(file: string, text: string, files: readonly string[]): readonly string[] {
  const targets: string[] = [];
  if (/\.[cm]?js$/.test(file)) {
    targets.push(...[...text.matchAll(/^\/\/# sourceMappingURL=(\S+)$/gm)].map(([, url = ""]) => url));
  } else if (file.endsWith(".map")) {
    const { sources }: { sources: readonly string[] } = JSON.parse(text);
    targets.push(...sources);
  }
  const missing = targets.filter((target) => !files.includes(posix.join(posix.dirname(file), target)));
  return missing.map((target) => `names ${target}, which is not packed`);
}
