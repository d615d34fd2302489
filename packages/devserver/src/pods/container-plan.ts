import { mkdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { expand } from "../containers/expansion.ts";
import { makeFolderInside } from "../containers/inside.ts";
import type { ProcessSpec } from "../containers/process.ts";
import { variablesOf } from "./container-env.ts";
import type { ContainerSpec, Pod } from "./pod.ts";
import type { PodConfig } from "./pod-config.ts";
import type { Volumes } from "./volumes.ts";

/** What the containers of one Pod share. */
export interface PodResources {
  /** The Pod's folder. */
  readonly folder: string;
  readonly config: PodConfig;
  readonly volumes: Volumes;
}

/**
 * The program of a container, its variables and its folder, which is made, with its volumes in it. Rejects with a
 * ConfigError for what is not there yet.
 */
export async function planOf(
  pod: Pod,
  spec: ContainerSpec,
  { folder, config, volumes }: PodResources,
  root: string,
): Promise<ProcessSpec> {
  await volumes.prepare();
  const declared = variablesOf(pod, spec, config);
  await mkdir(root, { recursive: true });
  await volumes.mount(spec, root);
  // Always inside the Pod's own folder, whatever links there are in its volumes.
  const working = await makeFolderInside(
    folder,
    join(relative(folder, root), join("/", spec.workingDir ?? "")),
  );
  return {
    command: [...(spec.command ?? []), ...(spec.args ?? [])].map((part) => expand(part, declared)),
    env: {
      ...(spec.tty && { TERM: "xterm" }),
      // Of the host's own variables only the path: what else is there may be secret.
      PATH: process.env["PATH"] ?? "/usr/bin:/bin",
      HOME: root,
      HOSTNAME: pod.metadata.name,
      ...declared,
    },
    root,
    folder: working,
    stdin: spec.stdin ?? false,
    tty: spec.tty ?? false,
    exec: false,
  };
}
