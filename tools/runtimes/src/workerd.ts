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

/** Runs a worker in workerd, without Node's modules, and asks it for its report. */
export async function exploreInWorkerd(
  program: string,
  folder: string,
  worker: string,
  access: Access,
): Promise<RuntimeReport> {
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
  try {
    const control = child.stdio[3];
    if (!control || !("readable" in control)) throw new Error("workerd has no control pipe");
    const listening = once(createInterface({ input: control }), "line");
    const first = await Promise.race([listening, exited.then(() => undefined)]);
    if (!first) throw new Error(`workerd ended before it listened:\n${said}`);
    const { port }: { port: number } = JSON.parse(String(first[0]));
    const body = JSON.stringify(access);
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body });
    if (!response.ok) throw new Error(`${await response.text()}\n${said}`);
    return await response.json();
  } finally {
    child.kill();
    await exited;
  }
}
