import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Access, RuntimeReport } from "./program/report.ts";

const configuration = `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "2026-11-01",
      globalOutbound = "outbound",
    )),
    (name = "outbound", network = (allow = ["private"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;

/** A worker that runs in workerd, without Node's modules. */
export interface Workerd extends AsyncDisposable {
  readonly url: string;
  /** What workerd has said so far, that is of errors. */
  said(): string;
}

/** Starts a worker. Its files are put in the folder. */
export async function startWorkerd(program: string, folder: string, worker: string): Promise<Workerd> {
  await writeFile(join(folder, "worker.js"), worker);
  await writeFile(join(folder, "config.capnp"), configuration);
  // What it is told to do on the third, it says there too: where it listens.
  const child = spawn(program, ["serve", "config.capnp", "--control-fd=3"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "pipe", "pipe"],
  });
  const exited = once(child, "exit");
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const stop = async () => {
    child.kill();
    await exited;
  };
  try {
    const control = child.stdio[3];
    if (!control || !("readable" in control)) throw new Error("workerd has no control pipe");
    const listening = once(createInterface({ input: control }), "line");
    const first = await Promise.race([listening, exited.then(() => undefined)]);
    if (!first) throw new Error(`workerd ended before it listened:\n${said}`);
    const { port }: { port: number } = JSON.parse(String(first[0]));
    return { url: `http://127.0.0.1:${port}/`, said: () => said, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Runs a worker, and asks it for its report. */
export async function exploreInWorkerd(
  program: string,
  folder: string,
  worker: string,
  access: Access,
): Promise<RuntimeReport> {
  await using workerd = await startWorkerd(program, folder, worker);
  const response = await fetch(workerd.url, { method: "POST", body: JSON.stringify(access) });
  if (!response.ok) throw new Error(`${await response.text()}\n${workerd.said()}`);
  return await response.json();
}
