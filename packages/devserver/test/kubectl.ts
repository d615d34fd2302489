import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { createDevServer } from "@podwire/devserver";

/** What a command has said and how it ended. */
interface Outcome {
  readonly code: number | null;
  /** Both outputs, the one after the other, without kubectl's log of itself. */
  readonly text: string;
}

/** One kubectl and one server. */
export interface Kubectl {
  run(
    args: readonly string[],
    options?: { readonly input?: string; readonly editor?: string },
  ): Promise<Outcome>;
  start(args: readonly string[]): ChildProcess;
  /** What to start it with by other means. */
  commandOf(args: readonly string[]): { readonly args: string[]; readonly env: Record<string, string> };
  remove(): Promise<void>;
}

/** Of a watch that ends at the very moment of its own time limit, and of a stream that came before it was asked for. */
export const ownLog = /^[EIW]\d{4} [\d:.]+ .*(?:reflector|websocket)\.go.*\r?\n/gm;

/** The programs to test with: those that PODWIRE_KUBECTL lists, else the one in PATH. */
export const kubectls: readonly string[] = (process.env["PODWIRE_KUBECTL"] ?? "kubectl").split(delimiter);

const minors = new Map<string, Promise<number>>();

/** The minor version of a program: 32 of kubectl 1.32. */
export function minorOf(program: string): Promise<number> {
  const known = minors.get(program);
  if (known) return known;
  const asked = promisify(execFile)(program, ["version", "--client", "-o", "json"]).then(({ stdout }) =>
    Number(JSON.parse(stdout).clientVersion.minor),
  );
  minors.set(program, asked);
  return asked;
}

/**
 * Variables for one that is to lose no output, however soon it comes: before 1.34 it begins to read a WebSocket before it
 * has the streams of a command, and drops what is for them (kubernetes#131203).
 */
export async function losslessOf(program: string): Promise<Readonly<Record<string, string>>> {
  return (await minorOf(program)) < 34 ? { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: "false" } : {};
}

/** A kubectl and a devserver of its own, over TLS, which ends with it. */
export async function createServedKubectl(program: string): Promise<Kubectl> {
  const server = await createDevServer({ tls: true });
  const kubectl = await createKubectl(program, server.kubeconfig());
  return {
    ...kubectl,
    async remove() {
      await kubectl.remove();
      await server.close();
    },
  };
}

/** What the file of KUBECONFIG says. */
export function clusterKubeconfig(): Promise<string> {
  const path = process.env["KUBECONFIG"];
  if (path === undefined) throw new Error("KUBECONFIG must name the kubeconfig file of a cluster");
  return readFile(path, "utf8");
}

/** A kubectl of the cluster of KUBECONFIG. */
export async function createClusterKubectl(program: string): Promise<Kubectl> {
  return createKubectl(program, await clusterKubeconfig());
}

/** A kubectl that uses a kubeconfig, and keeps what it caches to itself; `variables` are switches of its own. */
export async function createKubectl(
  program: string,
  kubeconfig: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Kubectl> {
  const folder = await mkdtemp(join(tmpdir(), "podwire-kubectl-"));
  const path = join(folder, "config");
  await writeFile(path, kubeconfig);
  const commandOf: Kubectl["commandOf"] = (args) => ({
    args: ["--kubeconfig", path, "--cache-dir", join(folder, "cache"), ...args],
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, ...variables },
  });
  const start = (args: readonly string[], editor = "false"): ChildProcess => {
    const command = commandOf(args);
    return spawn(program, command.args, { env: { ...command.env, KUBE_EDITOR: editor } });
  };
  return {
    start,
    commandOf,
    async run(args, { input = "", editor } = {}) {
      const child = start(args, editor);
      const texts = [child.stdout, child.stderr].map(async (stream) => {
        let text = "";
        for await (const chunk of stream ?? []) text += chunk;
        return text;
      });
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(input);
      const [code] = await once(child, "close").catch((cause: unknown) => {
        const help = `PODWIRE_KUBECTL lists the programs to use, between "${delimiter}"`;
        throw new Error(`cannot run ${JSON.stringify(program)}: install kubectl; ${help}`, { cause });
      });
      const [stdout = "", stderr = ""] = await Promise.all(texts);
      return { code, text: stdout + stderr.replaceAll(ownLog, "") };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
