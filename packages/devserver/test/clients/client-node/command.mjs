import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { Exec } from "@kubernetes/client-node";
import { config, namespace } from "./cluster.mjs";

const exec = new Exec(config);

/** Runs a command in a container: both outputs, what the status says, and the exit code if it says one. */
export async function run(name, command, stdin = null) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const { promise: ended, resolve } = Promise.withResolvers();
  const texts = Promise.all([text(stdout), text(stderr)]);
  await exec.exec(namespace, name, "main", command, stdout, stderr, stdin, false, resolve);
  const { status, details } = await ended;
  return [...(await texts).map((said) => said.trim()), status, details?.causes?.[0]?.message ?? null];
}
