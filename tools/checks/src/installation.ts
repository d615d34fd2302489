import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const execute = promisify(execFile);
const cache =
  process.env["PODWIRE_CLIENTS_CACHE"] ??
  join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "podwire-clients");

/** Somebody else's client or runtime, and the programs of ours that use it. */
export interface Client {
  readonly name: string;
  /** The folder of its manifests and of our programs. */
  readonly source: URL;
  /** Tools to install it with, best first; the first that answers the probe is taken. */
  readonly tools: readonly string[];
  /** Arguments with which a tool tells its version, if it can do what is needed. */
  readonly probe: readonly string[];
  /** What to do so that there is such a tool. */
  readonly help: string;
  /** Those of its files that say exactly what is installed. */
  readonly manifests: readonly string[];
  /** Installs what the manifests say into the folder where they are. */
  install(tool: string, folder: string): Promise<unknown>;
  /** Makes the programs ready in the folder where they are. */
  build?(tool: string, folder: string): Promise<unknown>;
  /** What runs a topic, by the folder of the installation and that of the programs. */
  command(folder: string, programs: string, topic: string): readonly string[];
}

/** A client that is there to run, or why it is not. */
export type Installed =
  | { readonly trouble: string }
  | { readonly trouble?: never; commandOf(topic: string): readonly string[] };

/** Runs a program that must succeed, within minutes. */
export async function demand(program: string, args: readonly string[], cwd?: string): Promise<string> {
  const limits = { timeout: 900_000, maxBuffer: 64 * 1024 * 1024 };
  const { stdout } = await execute(program, args, { ...limits, ...(cwd !== undefined && { cwd }) });
  return stdout;
}

/**
 * Installs a client once for each set of versions, outside the repository. Rejects when PODWIRE_DEMAND_ALL is 1 and
 * it cannot be had; else answers why.
 */
export async function installed(client: Client): Promise<Installed> {
  try {
    return await install(client);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const trouble = `the tests of ${client.name} are not run: ${reason}`;
    if (process.env["PODWIRE_DEMAND_ALL"] === "1") throw new Error(trouble, { cause });
    console.warn(trouble);
    return { trouble };
  }
}

async function install(client: Client): Promise<Installed> {
  const { tool, version } = await toolOf(client);
  const source = fileURLToPath(client.source);
  const folder = join(cache, `${client.name}-${await hashOf(source, client.manifests, version)}`);
  await made(folder, async (draft) => {
    await copied(source, client.manifests, draft);
    await client.install(tool, draft);
  });
  const entries = await readdir(source, { withFileTypes: true });
  const names = entries.flatMap((entry) => (entry.isFile() ? [entry.name] : [])).sort();
  const programs = join(folder, `programs-${await hashOf(source, names, version)}`);
  await made(programs, async (draft) => {
    await copied(source, names, draft);
    await client.build?.(tool, draft);
  });
  return { commandOf: (topic) => client.command(folder, programs, topic) };
}

/** Makes a folder unless it is there. Nobody sees half of it, whoever else makes the same. */
async function made(folder: string, make: (draft: string) => Promise<void>): Promise<void> {
  if (existsSync(folder)) return;
  await mkdir(dirname(folder), { recursive: true });
  const draft = await mkdtemp(`${folder}.`);
  try {
    await make(draft);
    await rename(draft, folder).catch((cause: unknown) => {
      if (!existsSync(folder)) throw cause;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function copied(from: string, names: readonly string[], to: string): Promise<void> {
  for (const name of names) await copyFile(join(from, name), join(to, name));
}

async function hashOf(folder: string, names: readonly string[], version: string): Promise<string> {
  const hash = createHash("sha256").update(version);
  for (const name of names) hash.update(`${name}\n`).update(await readFile(join(folder, name)));
  return hash.digest("hex").slice(0, 16);
}

async function toolOf({ tools, probe, help }: Client): Promise<{ tool: string; version: string }> {
  for (const tool of tools) {
    const version = await demand(tool, probe).catch(() => undefined);
    if (version !== undefined) return { tool, version };
  }
  throw new Error(`none of ${tools.join(", ")} works here; ${help}`);
}
