import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expand, expandEnv } from "../containers/expansion.ts";
import type { ProcessSpec } from "../containers/process.ts";
import type { ContainerSpec, Pod } from "./pod.ts";

/** The program of a container, its variables and its folder, which is made. */
export async function planOf(pod: Pod, spec: ContainerSpec, folder: string): Promise<ProcessSpec> {
  const declared = expandEnv(spec.env ?? []);
  // Always inside the container's own folder.
  const workingFolder = join(folder, join("/", spec.workingDir ?? ""));
  await mkdir(workingFolder, { recursive: true });
  return {
    command: [...(spec.command ?? []), ...(spec.args ?? [])].map((part) => expand(part, declared)),
    env: {
      ...(spec.tty && { TERM: "xterm" }),
      // Of the host's own variables only the path: what else is there may be secret.
      PATH: process.env["PATH"] ?? "/usr/bin:/bin",
      HOME: folder,
      HOSTNAME: pod.metadata.name,
      ...declared,
    },
    root: folder,
    folder: workingFolder,
    stdin: spec.stdin ?? false,
    tty: spec.tty ?? false,
    exec: false,
  };
}
