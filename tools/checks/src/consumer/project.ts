import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { demand } from "../command.ts";
import { scriptOf } from "./script.ts";
import { filesBelow } from "./tarballs.ts";

/** An empty project outside the repository that has installed the tarballs, as a user does. */
export async function createProject(folder: string, tarballs: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true }));
  const flags = ["--no-audit", "--no-fund", "--loglevel=error"];
  await demand("npm", ["install", ...flags, ...tarballs], { cwd: folder });
}

/** Puts the scripts of the folder `project` into a project, in both formats. */
export async function writeScripts(project: string): Promise<void> {
  const folder = fileURLToPath(new URL("project", import.meta.url));
  for (const name of await readdir(folder)) {
    const code = await readFile(join(folder, name), "utf8");
    for (const format of ["esm", "cjs"] as const) {
      // Only a module can export, and only hooks do.
      if (format === "cjs" && name === "trace-hooks.ts") continue;
      await writeFile(
        join(project, name.replace(/ts$/, format === "esm" ? "mjs" : "cjs")),
        await scriptOf(code, format),
      );
    }
  }
}

/** Bytes of all installed files. */
export async function installedBytesOf(folder: string): Promise<number> {
  const modules = join(folder, "node_modules");
  const files = await filesBelow(modules);
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(modules, file))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
