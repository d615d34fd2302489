import { existsSync } from "node:fs";
import { readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CodeBlock, codeBlocksOf } from "./code-blocks.ts";
import { type Outcome, run } from "./command.ts";
import type { TemporaryFolder } from "./temporary-folder.ts";

/** A README's block, and where it is. */
export interface ReadmeBlock extends CodeBlock {
  /** The README's path in the repository. */
  readonly file: string;
}

/** The blocks of the root's README and of the packages', as far as these exist. */
export async function readmeBlocksOf(repository: string): Promise<readonly ReadmeBlock[]> {
  const folders = (await readdir(join(repository, "packages"))).sort();
  const files = ["README.md", ...folders.map((folder) => `packages/${folder}/README.md`)];
  const blocks = files
    .filter((file) => existsSync(join(repository, file)))
    .map(async (file) =>
      codeBlocksOf(await readFile(join(repository, file), "utf8")).map((block) => ({ ...block, file })),
    );
  return (await Promise.all(blocks)).flat();
}

/** Blocks as modules of a project that has the packages installed. */
export interface BlockProject {
  /** What the compiler says about each block; nothing about those that are right. */
  typecheck(): Promise<ReadonlyMap<ReadmeBlock, string>>;
  run(block: ReadmeBlock, env: Readonly<Record<string, string>>): Promise<Outcome>;
}

/** Writes a project into a folder outside the repository, so that the packages are found by their names alone. */
export async function createBlockProject(
  repository: string,
  blocks: readonly ReadmeBlock[],
  { path }: TemporaryFolder,
): Promise<BlockProject> {
  const nameOf = ({ file, line }: ReadmeBlock) => `${file.replaceAll("/", "-")}-line-${line}.ts`;
  const tsconfig = {
    extends: join(repository, "tsconfig.json"),
    // An example may show a value and do nothing with it.
    compilerOptions: { noUnusedLocals: false },
    include: ["*.ts"],
  };
  await Promise.all([
    symlink(join(repository, "node_modules"), join(path, "node_modules")),
    writeFile(join(path, "package.json"), JSON.stringify({ type: "module" })),
    writeFile(join(path, "tsconfig.json"), JSON.stringify(tsconfig)),
    ...blocks.map((block) => writeFile(join(path, nameOf(block)), block.code)),
  ]);
  const node = (args: readonly string[], env = {}) =>
    run(process.execPath, args, { cwd: path, env: { ...process.env, NODE_OPTIONS: "", ...env } });
  return {
    async typecheck() {
      const { code, output } = await node([
        "node_modules/typescript7/bin/tsc",
        "-p",
        ".",
        "--pretty",
        "false",
      ]);
      const complaints = new Map<ReadmeBlock, string>();
      for (const block of blocks) {
        const lines = output.split("\n").filter((line) => line.startsWith(`${nameOf(block)}(`));
        if (lines.length > 0) complaints.set(block, lines.join("\n"));
      }
      if (code !== 0 && complaints.size === 0)
        throw new Error(`the compiler did not get to the blocks: ${output}`);
      return complaints;
    },
    run: (block, env) => node(["--conditions=@podwire/source", "--import", "tsx", nameOf(block)], env),
  };
}
