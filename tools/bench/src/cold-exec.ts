import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Api, createClient, Pod } from "@podwire/client";
import { createDevServer } from "@podwire/devserver";
import { median } from "./median.ts";

/** What runs, by the name of its file, and whether it reads the Pod first. */
const rows = [
  { name: "ws, exec alone", file: "bare.mjs", readPod: false },
  { name: "podwire, readPod: false", file: "podwire.mjs", readPod: false },
  { name: "ws and fetch, the Pod read first", file: "bare.mjs", readPod: true },
  { name: "podwire, as it is by default", file: "podwire.mjs", readPod: true },
] as const;

/** Time from the start of a process to the output of its `exec echo hi`, in milliseconds; one round is a warm-up. */
export async function benchColdExec(rounds: number): Promise<void> {
  await using server = await createDevServer();
  const pods = new Api(Pod, { client: createClient(server.config) });
  const { metadata } = await pods.create({
    metadata: { generateName: "bench-" },
    spec: { containers: [{ name: "main", image: "busybox:1.36", command: ["sleep", "3600"] }] },
  });
  await pods.waitFor(metadata.name, ({ status }) => status?.phase === "Running");

  const times = rows.map((): number[] => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, { file, readPod }] of rows.entries()) {
      const { url, config } = server;
      const ms = await timeOf(file, [url, config.token, metadata.name, readPod ? "read-pod" : "direct"]);
      if (round > 0) times[index]?.push(ms);
    }
  }
  console.log("\nCold process to the output of `exec echo hi`, on devserver\n");
  console.log("| | median ms | of ws alone |\n|---|---:|---:|");
  const control = median(times[0] ?? []);
  for (const [index, { name }] of rows.entries()) {
    const ms = median(times[index] ?? []);
    console.log(`| ${name} | ${ms.toFixed(0)} | ${(ms / control).toFixed(2)} |`);
  }
}

async function timeOf(file: string, args: readonly string[]): Promise<number> {
  const path = fileURLToPath(new URL(`cold/${file}`, import.meta.url));
  const start = performance.now();
  const child = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let ms = Number.NaN;
  child.stdout.once("data", () => {
    ms = performance.now() - start;
  });
  const [code] = await once(child, "close");
  if (code !== 0 || Number.isNaN(ms))
    throw new Error(`${file} ended with ${code}; has "pnpm build" been run?`);
  return ms;
}
