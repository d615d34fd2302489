import { subprotocols } from "@podwire/codec";
import type { Client } from "../client.ts";
import { createDeadline, within } from "../deadline.ts";
import type { SessionOptions } from "../session/session.ts";
import { markerName } from "../verify/marker.ts";
import { createVerification } from "../verify/verification.ts";
import { acknowledgement, wrapCommand } from "../verify/wrapper.ts";
import { type OpenRequest, openSession } from "./open.ts";

/** Time for telling a command, whose output has all been read, that it may go; its caller waits for that. */
const acknowledgedWithinMs = 5_000;

/** The same exec with its command under the shell program that proves its end. */
export function verifiedRequest(client: Client, request: OpenRequest): OpenRequest {
  const { command = [], options } = request;
  const { stdin = false, stdout = true, stderr = true, tty = false } = options;
  if (tty) throw new TypeError("verify needs separate outputs: it cannot be had with tty: true");
  if (!stdout && !stderr) throw new TypeError("verify needs stdout or stderr");
  const name = markerName();
  const verification = createVerification(name, { stdout, stderr });
  // Where the command has stdin for itself, which may have ended, a second exec says it.
  const acknowledge: SessionOptions["acknowledge"] = stdin
    ? ({ pid }) => signalRead(client, request, acknowledgement(pid, name))
    : undefined;
  return { ...request, command: wrapCommand(command, name, stdin), verified: { verification, acknowledge } };
}

async function signalRead(
  client: Client,
  { collection, name, options }: OpenRequest,
  command: readonly string[],
): Promise<void> {
  const { container } = options;
  const limit = createDeadline(undefined, acknowledgedWithinMs, () => "the command could not be told to end");
  await within(limit, async ({ signal }) => {
    const session = await openSession(client, {
      kind: "exec",
      collection,
      name,
      command,
      options: {
        ...(container !== undefined && { container }),
        stderr: false,
        protocols: options.protocols ?? [subprotocols.v5, subprotocols.v4],
        signal,
      },
    });
    await session.exited;
  });
}
