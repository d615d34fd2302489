import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import type { ClientConfig } from "@podwire/client";
import { connect } from "./connection.ts";
import { KubeconfigError } from "./errors.ts";
import { readText } from "./files.ts";
import type { Kubeconfig } from "./kubeconfig.ts";
import { mergeKubeconfigs } from "./merge.ts";
import { parseKubeconfig } from "./parse.ts";
import { resolveContext } from "./resolve.ts";

export interface LoadOptions {
  /** The one file to read, instead of those of the environment. */
  readonly path?: string;
  /** The context to use, instead of the current one. */
  readonly context?: string;
  /** Where to look for KUBECONFIG and HOME; the environment of the process by default. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Loads a kubeconfig into the options of `createClient`: the file at `path`, else those that $KUBECONFIG lists,
 * else ~/.kube/config. Whoever makes a client of it closes that client, for its connection pool.
 */
export async function loadKubeconfig(options: LoadOptions = {}): Promise<ClientConfig> {
  const kubeconfig =
    options.path === undefined
      ? await readListed(listedPaths(options.env ?? process.env))
      : await readKubeconfig(options.path);
  return connect(resolveContext(kubeconfig, options.context));
}

function listedPaths(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const listed = (env["KUBECONFIG"] ?? "").split(delimiter).filter((path) => path !== "");
  if (listed.length > 0) return [...new Set(listed)];
  return [join(env["HOME"] || env["USERPROFILE"] || homedir(), ".kube", "config")];
}

/** Files that are not there are passed over, as kubectl does; but one must be there. */
async function readListed(paths: readonly string[]): Promise<Kubeconfig> {
  const found = await Promise.all(paths.map(readIfThere));
  const kubeconfigs = found.filter((one) => one !== undefined);
  if (kubeconfigs.length === 0) {
    throw new KubeconfigError("FILE_NOT_FOUND", `there is no kubeconfig at ${paths.join(" or ")}`);
  }
  return mergeKubeconfigs(kubeconfigs);
}

async function readIfThere(path: string): Promise<Kubeconfig | undefined> {
  try {
    return await readKubeconfig(path);
  } catch (error) {
    if (error instanceof KubeconfigError && error.code === "FILE_NOT_FOUND") return undefined;
    throw error;
  }
}

async function readKubeconfig(path: string): Promise<Kubeconfig> {
  return parseKubeconfig(await readText(path, "the kubeconfig"), { source: path });
}
