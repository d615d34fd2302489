import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../command.ts";
import { readmeBlocksOf } from "../readmes.ts";
import { scriptOf } from "./script.ts";

const fewestTests = 50;

/** Runs the first block of the README of the suites, with node:test, over what was installed. */
export async function faultsOfConformance(project: string, repository: string): Promise<readonly string[]> {
  const example = (await readmeBlocksOf(repository)).find(
    ({ file }) => file === "packages/conformance/README.md",
  );
  if (!example) return ["the README of the suites has no ts block"];
  await writeFile(join(project, "conformance.test.mjs"), await scriptOf(example.code, "esm"));
  const { code, stdout, output } = await run(
    process.execPath,
    ["--test-reporter=tap", "conformance.test.mjs"],
    {
      cwd: project,
    },
  );
  if (code !== 0) return [`ended with code ${code}:\n${failuresIn(output)}`];
  const passed = Number(/^# pass (\d+)$/m.exec(stdout)?.[1] ?? 0);
  return passed < fewestTests ? [`ran ${passed} tests, and not at least ${fewestTests}`] : [];
}

function failuresIn(output: string): string {
  return (
    output
      .split("\n")
      .filter((line) => /^\s*not ok |error:|^# (?:pass|fail)/.test(line))
      .join("\n") || output
  );
}
