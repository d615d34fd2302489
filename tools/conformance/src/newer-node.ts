import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** Runs a test file with Node 24; resolves with how many of its tests passed, and throws what failed. */
export async function runWithNewerNode(file: string): Promise<number> {
  const vitest = [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--project",
    "node",
    "--reporter=json",
    "--no-typecheck",
  ];
  const { VITEST: _vitest, NODE_OPTIONS: _options, ...env } = process.env;
  const cwd = fileURLToPath(new URL("../../..", import.meta.url));
  const { failure, stdout, stderr } = await new Promise<{
    failure: Error | null;
    stdout: string;
    stderr: string;
  }>((resolve) => {
    execFile(
      "npx",
      ["-y", "node@24", ...vitest, file],
      { cwd, env, maxBuffer: 64 * 1024 * 1024 },
      (error, out, err) => resolve({ failure: error, stdout: out, stderr: err }),
    );
  });
  const report = reportIn(stdout);
  if (!failure && report) return report.numPassedTests;
  const said = report ? failuresIn(report) : [];
  throw new Error(
    [`${file} failed with Node 24`, ...said, ...(said.length > 0 ? [] : [stdout, stderr])].join("\n"),
  );
}

function failuresIn({ testResults }: Report): string[] {
  const texts = testResults.flatMap(({ message, assertionResults }) => [
    message,
    ...assertionResults
      .filter(({ status }) => status === "failed")
      .map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages.join("\n")}`),
  ]);
  return texts.filter((text) => text !== "");
}

/** What vitest has reported; nothing when it did not come that far. */
function reportIn(stdout: string): Report | undefined {
  try {
    return JSON.parse(stdout.slice(stdout.indexOf("{"))) as Report;
  } catch {
    return undefined;
  }
}
