import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { endLeftovers } from "./folder.ts";

/** Ends what a host program that was killed has left behind. */
export interface Guard {
  /** Begins, unless it has begun: from now on there are processes to end. */
  stand(): void;
  /** Ends, before the folder goes, what there still is. */
  dismiss(): void;
}

/**
 * A shell that outlives the host program: it reads a pipe that only the host holds, and when that ends without a
 * word, it ends what `endLeftovers` would end and removes the folder.
 */
const script = `
read -r word && exit
again=yes
while [ "$again" ]; do
  again=
  for environ in $(grep -lsF "$1" /proc/[0-9]*/environ); do
    process=\${environ%/environ}
    kill -9 "\${process#/proc/}" && again=yes
  done
done
rm -rf "$1"
`;

export function createGuard(folder: string): Guard {
  let shell: ChildProcess | undefined;
  return {
    stand() {
      if (shell || process.platform !== "linux") return;
      shell = spawn("/bin/sh", ["-c", script, "podwire-devserver-guard", folder], {
        cwd: "/",
        // Where a terminal's Ctrl-C does not reach it.
        detached: true,
        env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
        stdio: ["pipe", "ignore", "ignore"],
      });
      // Without a shell there is no guard; nothing else depends on it.
      shell.on("error", () => undefined);
      shell.stdin?.on("error", () => undefined);
      // The host program may end although it stands.
      shell.unref();
      if (shell.stdin instanceof Socket) shell.stdin.unref();
    },
    dismiss() {
      if (!shell) return;
      endLeftovers(folder);
      shell.stdin?.end("dismissed\n");
    },
  };
}
