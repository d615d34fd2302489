import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { demand } from "../command.ts";

/** Packs all packages as they would be published; answers the tarballs' paths. */
export async function packAll(repository: string, folder: string): Promise<readonly string[]> {
  const packages = await readdir(join(repository, "packages"));
  await Promise.all(packages.map((name) => demandFreshBuild(join(repository, "packages", name))));
  const filter = ["--recursive", "--filter", "./packages/*"];
  await demand("npx", ["-y", "pnpm@12", ...filter, "pack", "--pack-destination", folder], {
    cwd: repository,
  });
  const tarballs = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  if (tarballs.length !== packages.length) {
    throw new Error(`packed ${tarballs.join(", ")} of the packages ${packages.join(", ")}`);
  }
  return tarballs.map((name) => join(folder, name));
}

/** A forgotten build would test yesterday's code. */
export async function demandFreshBuild(folder: string): Promise<void> {
  const built = await timesOf(join(folder, "dist"));
  const written = await timesOf(join(folder, "src"));
  if (Math.min(...built) < Math.max(...written) || built.length === 0) {
    throw new Error(`${folder} is not built from its present sources: run npx -y pnpm@12 build`);
  }
}

async function timesOf(folder: string): Promise<readonly number[]> {
  const files = await filesBelow(folder);
  return Promise.all(files.map(async (file) => (await stat(join(folder, file))).mtimeMs));
}

/** The files of a folder and its folders, relative to it; none if it does not exist. */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
