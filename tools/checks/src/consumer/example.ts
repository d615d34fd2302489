import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { keepsPromise, outputPromisedBy } from "../code-blocks.ts";
import { run } from "../command.ts";
import { readmeBlocksOf } from "../readmes.ts";
import { scriptOf } from "./script.ts";

const nodes = [
  { name: `Node ${process.versions.node}`, command: [process.execPath] },
  { name: "Node 24", command: ["npx", "-y", "node@24"] },
] as const;

/** Runs the first block of the root's README on every Node, as ES module and as CommonJS. */
export async function faultsOfExample(
  project: string,
  repository: string,
  kubeconfig: string,
): Promise<readonly string[]> {
  const example = (await readmeBlocksOf(repository)).find(({ file }) => file === "README.md");
  if (!example?.runs) return ["the first ts block of README.md is missing, or does not say run"];
  const promised = outputPromisedBy(example.code);
  const faults: string[] = [];
  for (const format of ["esm", "cjs"] as const) {
    const script = format === "esm" ? "example.mjs" : "example.cjs";
    await writeFile(join(project, script), await scriptOf(example.code, format));
    for (const { name, command } of nodes) {
      const [program, ...args] = command;
      const { code, stdout, output } = await run(program, [...args, script], {
        cwd: project,
        env: { ...process.env, KUBECONFIG: kubeconfig },
      });
      const where = `${name}, ${format}`;
      if (code !== 0) faults.push(`${where}: ended with code ${code}:\n${output}`);
      else if (stdout.trim() === "") faults.push(`${where}: printed nothing`);
      else if (!keepsPromise(promised, stdout)) {
        faults.push(`${where}: did not print ${promised.join(", ")}, but this:\n${output}`);
      }
    }
  }
  return faults;
}
