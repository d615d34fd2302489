import { cp, readFile, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Outcome, run } from "../src/command.ts";
import { repository } from "../src/repository.ts";
import { createTemporaryFolder } from "../src/temporary-folder.ts";

/** A copy of the sources and the configuration, to break things in. */
export interface WorkspaceCopy extends AsyncDisposable {
  readonly path: string;
  /** Puts lines in front of a file. */
  prepend(file: string, lines: string): Promise<void>;
  /** What the script `lint` does for packages, but for the format. */
  lint(): Promise<Outcome>;
  /** What the script `typecheck` does for pages. */
  typecheckWeb(): Promise<Outcome>;
  /** What the script `size` does. */
  size(): Promise<Outcome>;
}

const notCopied = new Set(["dist", "test", "CHANGELOG.md"]);

export async function createWorkspaceCopy(): Promise<WorkspaceCopy> {
  const folder = await createTemporaryFolder();
  const { path } = folder;
  const configuration = ["biome.json", "package.json", "tsconfig.json", "tsconfig.web.json", ".gitignore"];
  // The links between the packages are relative: they stay inside the copy. Installed packages are linked to.
  await Promise.all([
    ...[...configuration, "packages", "tools/checks"].map((name) =>
      cp(join(repository, name), join(path, name), {
        recursive: true,
        verbatimSymlinks: true,
        filter: (source) => !notCopied.has(basename(source)),
      }),
    ),
    symlink(join(repository, "node_modules"), join(path, "node_modules")),
  ]);
  const node = (...args: string[]) => run(process.execPath, args, { cwd: path, env: cleanEnvironment() });
  return {
    path,
    async prepend(file, lines) {
      const full = join(path, file);
      await writeFile(full, `${lines}\n${await readFile(full, "utf8")}`);
    },
    lint: () =>
      node(
        "node_modules/@biomejs/biome/bin/biome",
        "check",
        "--formatter-enabled=false",
        "--max-diagnostics=none",
        "packages",
      ),
    typecheckWeb: () => node("node_modules/typescript7/bin/tsc", "-p", "tsconfig.web.json"),
    size: () => node("--import", "tsx", "tools/checks/src/size.ts"),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** Vitest's settings of this process are not the ones of the scripts. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_ENV: _mode, ...env } = process.env;
  return env;
}
