import type { Broadcast, Listener } from "../containers/broadcast.ts";
import { type Channels, type OpenChannels, type OutputChannel, stderr, stdout } from "./channels.ts";
import { createInput } from "./input.ts";
import type { StreamRequest } from "./request.ts";

/** Joins a container's own process until its outputs end, or until the end of input means to leave. */
export function serveAttach(open: OpenChannels, request: StreamRequest): void {
  const { container, stdin } = request;
  const { spec, process, outputs } = container;
  const joined = new Map<Listener, Broadcast>();
  const leaves: (() => void)[] = [];
  let joinedCount = 0;

  const leave = (): void => {
    for (const one of leaves) one();
  };
  /** Success whatever the exit code: that is in the Pod's status. */
  const finish = (): void => {
    // Nobody waits for somebody who has got all there is for him.
    leave();
    channels.finish({ kind: "success" });
  };
  const endInput = (): void => {
    if (!spec.stdin) return;
    // Without stdinOnce, and in a terminal, the end of one client's input is a detach.
    if (spec.stdinOnce && !spec.tty) process.stdin?.end();
    else finish();
  };
  const channels: Channels = open({
    stdin: (bytes) => input.write(bytes),
    stdinEnd: () => stdin && endInput(),
    resize: (width, height) => process.resize(width, height),
    drain() {
      for (const [listener, broadcast] of joined) broadcast.resume(listener);
    },
    gone() {
      leave();
      if (stdin && spec.stdinOnce && !spec.tty) process.stdin?.end();
    },
  });
  const input = createInput(() => (stdin ? process.stdin : undefined), channels);

  const join = (broadcast: Broadcast | undefined, channel: OutputChannel): void => {
    if (!broadcast) return;
    joinedCount += 1;
    const listener: Listener = {
      data: (bytes) => channels.send(channel, bytes),
      end() {
        joinedCount -= 1;
        if (joinedCount === 0) finish();
      },
    };
    joined.set(listener, broadcast);
    leaves.push(broadcast.join(listener));
  };
  if (request.stdout) join(outputs[0], stdout);
  if (request.stderr) join(outputs[1], stderr);
  if (joinedCount === 0) void process.exit.then(finish);
  // Below v5 a runtime takes "no stdin" for the end of input.
  if (!stdin && channels.absentStdinEnds) endInput();
}
