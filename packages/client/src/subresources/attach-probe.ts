import { Channel, subprotocols } from "@podwire/codec";
import type { Client } from "../client.ts";
import type { Deadline } from "../deadline.ts";
import { ClientError } from "../errors.ts";
import { afterReading } from "../later.ts";
import { createDeferred } from "../session/deferred.ts";
import type { ContainerView } from "./container.ts";
import { dialSubresource } from "./dial.ts";
import { refusalIn } from "./first-word.ts";

/** The process that was attached to. */
export interface AttachedTo {
  readonly collection: string;
  readonly name: string;
  readonly container: ContainerView | undefined;
}

/**
 * How long an attach must stay open to prove that the container runs: one to a container that has just ended is
 * refused, or ends, within 65 ms (measured on a busy machine, the API server as translator included). Where it is far
 * away, or has much to do, it takes longer to open as well.
 */
const provenAfterMs = 300;
const provenAfterOpenings = 3;

/**
 * Whether the container runs, by the runtime's own word and not by the Pod's status, which is up to 1.7 s behind:
 * attaches again without stdin, over v5 where that touches nothing, and sees whether that stays open. Undefined where
 * nobody says, such as a kubelet that is being restarted.
 */
export async function attachRuns(
  client: Client,
  { collection, name, container }: AttachedTo,
  deadline: Deadline,
): Promise<boolean | undefined> {
  if (!container) return undefined;
  const { name: containerName, tty } = container;
  const found = createDeferred<boolean | undefined>();
  let leave = (): void => {};
  const begun = performance.now();
  try {
    await dialSubresource(
      client,
      {
        kind: "attach",
        collection,
        name,
        query: { container: containerName, stdout: true, tty },
        protocols: [subprotocols.v5],
      },
      (connection) => {
        leave = () => connection.close(1000);
        return {
          message(data) {
            if (typeof data === "string" || data[0] !== Channel.Error || data.byteLength < 2) return;
            const refusal = refusalIn(data);
            found.resolve(refusal ? runsAfter(refusal) : false);
          },
          close: ({ wasClean }) => found.resolve(wasClean ? false : undefined),
        };
      },
      deadline,
    );
    const openingMs = performance.now() - begun;
    const cancel = afterReading(Math.max(provenAfterMs, provenAfterOpenings * openingMs), () =>
      found.resolve(true),
    );
    try {
      return await deadline.race(() => found.promise);
    } finally {
      cancel();
    }
  } catch (error) {
    if (deadline.signal.aborted) throw error;
    return runsAfter(error);
  } finally {
    leave();
  }
}

/** What a refused attach says of the container. */
function runsAfter(error: unknown): false | undefined {
  return error instanceof ClientError && error.code === "CONTAINER_NOT_RUNNING" ? false : undefined;
}
