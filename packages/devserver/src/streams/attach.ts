import type { WebSocket } from "ws";
import type { Broadcast, Listener } from "../containers/broadcast.ts";
import { successStatus } from "../status.ts";
import {
  type ChannelSocket,
  createChannelSocket,
  type OutputChannel,
  stderr,
  stdout,
} from "./channel-socket.ts";
import { createInput } from "./input.ts";
import type { StreamRequest } from "./request.ts";
import { v5 } from "./subprotocol.ts";

/** Joins a container's own process until its outputs end, or until the end of input means to leave. */
export function serveAttach(socket: WebSocket, request: StreamRequest): void {
  const { container, stdin } = request;
  const { spec, process, outputs } = container;
  const takesInput = spec.stdin === true;
  const joined: { readonly broadcast: Broadcast; readonly listener: Listener; readonly leave: () => void }[] =
    [];
  let open = 0;

  const endInput = (): void => {
    if (!takesInput) return;
    // Without stdinOnce, and in a terminal, the end of one client's input is a detach.
    if (spec.stdinOnce && !spec.tty) process.stdin?.end();
    else channels.finish(successStatus());
  };
  const channels: ChannelSocket = createChannelSocket(socket, request, {
    stdin: (bytes) => input.write(bytes),
    stdinEnd: () => stdin && endInput(),
    resize: (width, height) => process.resize(width, height),
    drain() {
      for (const { broadcast, listener } of joined) broadcast.resume(listener);
    },
    gone() {
      for (const { leave } of joined) leave();
      if (stdin && spec.stdinOnce && !spec.tty) process.stdin?.end();
    },
  });
  const input = createInput(() => (stdin ? process.stdin : undefined), channels);

  const join = (broadcast: Broadcast | undefined, channel: OutputChannel): void => {
    if (!broadcast) return;
    open += 1;
    const listener: Listener = {
      data: (bytes) => channels.send(channel, bytes),
      end() {
        open -= 1;
        // Success whatever the exit code: that is in the Pod's status.
        if (open === 0) channels.finish(successStatus());
      },
    };
    joined.push({ broadcast, listener, leave: broadcast.join(listener) });
  };
  if (request.stdout) join(outputs[0], stdout);
  if (request.stderr) join(outputs[1], stderr);
  if (open === 0) void process.exit.then(() => channels.finish(successStatus()));
  // Below v5 a runtime takes "no stdin" for the end of input.
  if (!stdin && socket.protocol !== v5) endInput();
}
