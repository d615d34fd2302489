import { Channel, subprotocols } from "@podwire/codec";
import type { Client } from "../client.ts";
import type { Deadline } from "../deadline.ts";
import { ClientError } from "../errors.ts";
import { createDeferred } from "../session/deferred.ts";
import type { ContainerView } from "./container.ts";
import { dialSubresource } from "./dial.ts";

/** The process that was attached to. */
export interface AttachedTo {
  readonly collection: string;
  readonly name: string;
  readonly container: ContainerView | undefined;
}

/**
 * How long an attach must stay open to prove that the container runs: one to a container that has just ended is
 * refused, or ends, within 65 ms (measured on a busy machine, the API server as translator included).
 */
const provenAfterMs = 300;

/**
 * Whether the container runs, by the runtime's own word and not by the Pod's status, which is up to 1.7 s behind:
 * attaches again without stdin, over v5 where that touches nothing, and sees whether that stays open.
 */
export async function attachRuns(
  client: Client,
  { collection, name, container }: AttachedTo,
  deadline: Deadline,
): Promise<boolean> {
  if (!container) return false;
  const ended = createDeferred<boolean>();
  let leave = (): void => {};
  try {
    await dialSubresource(
      client,
      {
        kind: "attach",
        collection,
        name,
        query: { container: container.name, stdout: true, tty: container.tty },
        protocols: [subprotocols.v5],
      },
      (connection) => {
        leave = () => connection.close(1000);
        return {
          message(data) {
            if (typeof data !== "string" && data.byteLength > 1 && data[0] === Channel.Error)
              ended.resolve(true);
          },
          close: () => ended.resolve(true),
        };
      },
      deadline,
    );
    const timer = setTimeout(() => ended.resolve(false), provenAfterMs);
    try {
      return !(await deadline.race(() => ended.promise));
    } finally {
      clearTimeout(timer);
    }
  } catch (error) {
    if (deadline.signal.aborted || !(error instanceof ClientError)) throw error;
    return false;
  } finally {
    leave();
  }
}
