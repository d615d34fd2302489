import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { createProject } from "../../checks/src/consumer/project.ts";
import { packAll } from "../../checks/src/consumer/tarballs.ts";
import { repository } from "../../checks/src/repository.ts";

/** The same program for all runtimes, over the packages as a user gets them. */
export interface Programs {
  /** The path of a module that finds the packages by the runtime's own rules. */
  readonly module: string;
  /** What a page loads, as a bundler makes it. */
  readonly page: string;
  /** What a worker of workerd is, likewise. */
  readonly worker: string;
}

/** Installs the packed packages in a project, and puts the programs there. */
export async function preparePrograms(folder: string): Promise<Programs> {
  const project = join(folder, "project");
  await createProject(project, await packAll(repository, folder));
  // A program of the repository would find the sources.
  const sources = join(project, "program");
  await cp(fileURLToPath(new URL("program", import.meta.url)), sources, { recursive: true });

  const bundled = async (entry: string, conditions: readonly string[] | undefined): Promise<string> => {
    const { outputFiles } = await build({
      entryPoints: [join(sources, entry)],
      bundle: true,
      write: false,
      format: "esm",
      target: "es2022",
      logLevel: "silent",
      ...(conditions
        ? { platform: "browser", conditions: [...conditions] }
        : { platform: "node", packages: "external" }),
    });
    return outputFiles.map(({ text }) => text).join("");
  };
  const module = join(project, "explore.mjs");
  await writeFile(module, await bundled("node.ts", undefined));
  return {
    module,
    page: await bundled("page.ts", ["browser"]),
    // As wrangler has them.
    worker: await bundled("worker.ts", ["workerd", "worker", "browser"]),
  };
}
