import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { startChild, stopChild } from "./child.ts";
import { withClusterPod } from "./cluster-pod.ts";
import { benchColdExec } from "./cold-exec.ts";
import { localCommands, shellCommands } from "./commands.ts";
import { type Flags, parseFlags, usage } from "./flags.ts";
import { benchLoad } from "./load.ts";
import { benchMemory } from "./memory.ts";
import { benchPages } from "./page/bench.ts";
import { benchServing } from "./serving.ts";
import { benchDownload, benchEcho, benchUpload } from "./throughput.ts";

async function runLocally({ only, rounds, profileFolder }: Flags): Promise<boolean[]> {
  const { child, message: port } = await startChild("server/main.ts", []);
  try {
    const at = { server: `http://127.0.0.1:${port}` };
    const target = { at, namespace: "default", pod: "bench", container: "main" };
    const place = "on loopback";
    const bench = { place, target, commands: localCommands, rounds, kubectl: false, profileFolder };
    const passed: boolean[] = [];
    if (only.has("download")) passed.push(await benchDownload(bench));
    if (only.has("upload")) passed.push(await benchUpload(bench));
    if (only.has("echo")) passed.push(await benchEcho(bench));
    if (only.has("memory")) passed.push(await benchMemory(target, Math.ceil(rounds / 5)));
    if (only.has("pages")) passed.push(await benchPages(at.server, localCommands, rounds));
    return passed;
  } finally {
    await stopChild(child);
  }
}

async function runOnCluster(kubeconfig: string, flags: Flags): Promise<boolean[]> {
  const { image, rounds, profileFolder } = flags;
  const passed: boolean[] = [];
  await withClusterPod(resolve(kubeconfig), image, async (target) => {
    const kubectl = spawnSync("kubectl", ["version", "--client"]).status === 0;
    const place = "on the cluster";
    const bench = { place, target, commands: shellCommands, rounds, kubectl, profileFolder };
    passed.push(await benchDownload(bench), await benchUpload(bench), await benchEcho(bench));
  });
  return passed;
}

async function main(): Promise<void> {
  const flags = parseFlags(process.argv.slice(2));
  if (flags.help) {
    console.log(usage);
    return;
  }
  // Ratios of one run on one machine: the times themselves compare with nothing.
  console.log(
    `Node ${process.version} on ${process.platform} ${process.arch}; median (quartiles) of ${flags.rounds} rounds`,
  );
  if (flags.profileFolder !== "") mkdirSync(flags.profileFolder, { recursive: true });
  if (flags.only.has("cold")) await benchColdExec(flags.rounds);
  if (flags.only.has("devserver")) {
    await benchServing(flags.rounds);
    await benchLoad(Math.ceil(flags.rounds / 5));
  }
  const passed = await runLocally(flags);
  if (flags.kubeconfig !== undefined && flags.only.has("cluster")) {
    passed.push(...(await runOnCluster(flags.kubeconfig, flags)));
  }
  if (passed.includes(false)) process.exitCode = 1;
}

await main();
