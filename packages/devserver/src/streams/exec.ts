import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { outputsOf, type Process } from "../containers/process.ts";
import { messageOf } from "../errors.ts";
import { type Channels, type OpenChannels, stderr, stdout } from "./channels.ts";
import { createInput } from "./input.ts";
import type { StreamRequest } from "./request.ts";

/** Starts the command, after the 101 as runtimes do, and carries its bytes until it has ended. */
export function serveExec(open: OpenChannels, request: StreamRequest): void {
  const { container, command, stdin, tty } = request;
  let process: Process | undefined;
  let outputs: readonly Readable[] = [];
  let muted = false;
  let gone = false;

  const endInput = (): void => {
    // In a terminal, the end of input cuts the output (containerd); the process runs on.
    if (tty) muted = true;
    else process?.stdin?.end();
  };
  const channels: Channels = open({
    stdin: (bytes) => input.write(bytes),
    stdinEnd: endInput,
    resize: (width, height) => process?.resize(width, height),
    drain() {
      for (const output of outputs) output.resume();
    },
    gone(cut) {
      if (cut && request.endsWhenCut) process?.kill("SIGKILL");
      // The process is not ended with its client: it reads the end of input and writes to nobody.
      muted = true;
      gone = true;
      process?.stdin?.end();
      for (const output of outputs) output.resume();
    },
  });
  const input = createInput(() => (stdin ? process?.stdin : undefined), channels);

  const carry = async (started: Process): Promise<void> => {
    process = started;
    outputs = outputsOf(started);
    for (const [index, output] of outputs.entries()) {
      const channel = index === 0 ? stdout : stderr;
      const wanted = index === 0 ? request.stdout : request.stderr;
      output.on("data", (bytes: Uint8Array) => {
        if (muted || !wanted || channels.send(channel, bytes)) return;
        for (const one of outputs) one.pause();
      });
    }
    channels.resume();
    // Below v5 a runtime takes "no stdin" for the end of input.
    if (gone) started.stdin?.end();
    else if (!stdin && channels.absentStdinEnds) endInput();
    const [{ code }] = await Promise.all([started.exit, ...outputs.map(endOf)]);
    channels.finish(code === 0 ? { kind: "success" } : { kind: "exit", code, command });
  };

  // What comes before the process has been started waits in the socket.
  channels.pause();
  container
    .exec(command, stdin, tty)
    .then(carry)
    .catch((error: unknown) => {
      const why = messageOf(error);
      const where = `failed to exec in container: failed to start exec "${container.id}": ${why}`;
      channels.finish({ kind: "error", why: `error executing command in container: ${where}` });
    });
}

/** However it ends: a process that was killed may break its outputs. */
async function endOf(output: Readable): Promise<void> {
  await finished(output, { writable: false }).catch(() => undefined);
}
