import { execFile } from "node:child_process";
import { homedir } from "node:os";
import { promisify } from "node:util";
import type { Installed } from "../../../../tools/checks/src/installation.ts";
import type { Target } from "./target.ts";

const execute = promisify(execFile);

/** Runs a topic's program to its end; answers what it printed. Rejects with all it said when it fails. */
export async function printed(
  client: Installed,
  target: Pick<Target, "env">,
  topic: string,
  ...args: string[]
): Promise<string> {
  if (client.trouble !== undefined) throw new Error(client.trouble);
  const [program = "", ...given] = client.commandOf(topic);
  const env = { PATH: process.env["PATH"] ?? "", HOME: homedir(), ...target.env };
  const { stdout } = await execute(program, [...given, ...args], { env, timeout: 80_000 });
  return stdout;
}

/** What a program told, which it does in lines of JSON. */
export async function told(
  client: Installed,
  target: Pick<Target, "env">,
  topic: string,
  ...args: string[]
): Promise<unknown[]> {
  const lines = (await printed(client, target, topic, ...args)).trim().split("\n");
  return lines.map((line): unknown => JSON.parse(line));
}
