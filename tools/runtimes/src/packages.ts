import { join } from "node:path";
import { type Client, demand } from "../../checks/src/installation.ts";

/** Where the programs of the runtimes are that npm installs. */
export const programsOf: Readonly<Record<string, string>> = {
  "Node 20": "node-20/bin/node",
  "Node 22": "node-22/bin/node",
  "Node 24": "node-24/bin/node",
  "Node 26": "node-26/bin/node",
  Bun: "@oven/bun-linux-x64/bin/bun",
  Deno: "@deno/linux-x64-glibc/deno",
  workerd: "@cloudflare/workerd-linux-64/bin/workerd",
};

/** The packages with these programs. */
export const packages: Client = {
  name: "runtimes",
  source: new URL("../installed/", import.meta.url),
  tools: ["npm"],
  probe: ["--version"],
  help: "install npm",
  manifests: ["package.json", "package-lock.json"],
  async install(tool, folder) {
    await demand(tool, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder);
    // They are optional for npm, which passes those of other systems over.
    const program = join(folder, "node_modules", programsOf["Node 24"] ?? "");
    await demand(program, ["--version"]).catch((cause: unknown) => {
      throw new Error("their packages are for Linux with glibc on x64", { cause });
    });
  },
  command: (folder, _, name) => [join(folder, "node_modules", programsOf[name] ?? name)],
};
