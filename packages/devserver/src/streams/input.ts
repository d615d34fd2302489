import type { Writable } from "node:stream";
import type { Channels } from "./channels.ts";

/** Carries stdin to a process; a process that does not read stops the whole socket, as on real servers. */
export interface Input {
  write(bytes: Uint8Array): void;
}

export function createInput(
  target: () => Writable | undefined,
  channels: Pick<Channels, "pause" | "resume">,
): Input {
  return {
    write(bytes) {
      const stdin = target();
      // For nobody, or for somebody who is gone.
      if (!stdin?.writable || bytes.byteLength === 0) return;
      if (stdin.write(bytes)) return;
      channels.pause();
      const go = (): void => {
        stdin.off("drain", go);
        stdin.off("close", go);
        channels.resume();
      };
      stdin.once("drain", go);
      stdin.once("close", go);
    },
  };
}
