import type { Client } from "../client.ts";
import { createDeadline, within } from "../deadline.ts";
import { ClientError } from "../errors.ts";
import { followObject } from "../follow.ts";
import type { Pod } from "../resources/descriptors.ts";
import type { ContainerStateTerminated } from "../resources/kubernetes.ts";
import { type EndFacts, type Exit, endBy, exitOfCode, exitOfEnd } from "../session/exit.ts";
import { type ContainerView, statusOf } from "./container.ts";

// A kubelet writes the end into the Pod 1.2 to 1.7 s after the stream has ended.
const endedWithinMs = 5_000;
const detachedAfterMs = 2_500;

/** The process that was attached to. */
export interface AttachedTo {
  readonly collection: string;
  readonly name: string;
  readonly container: ContainerView | undefined;
  /** Ends the search. */
  readonly signal: AbortSignal | undefined;
}

/**
 * How an attached process really ended. Attach's status is Success whatever the exit code and on detaching too,
 * so the Pod's own status decides: ended, or still running.
 */
export async function attachExit(
  client: Client,
  { collection, name, container, signal }: AttachedTo,
  facts: EndFacts,
  closedStdin: boolean,
): Promise<Exit> {
  if (!container)
    return unknownEnd(facts, "the Pod was not read, and attach's own status carries no exit code");
  // Ending stdin detaches unless the container was made for it; then it runs on.
  const detaches = closedStdin && container.stdin && (container.tty || !container.stdinOnce);
  const limit = createDeadline(signal, detaches ? detachedAfterMs : endedWithinMs, () => "no end was found");
  let running = false;
  try {
    return await within(limit, async (deadline) => {
      for await (const pod of followObject<Pod>(client, collection, name, deadline)) {
        if (!pod) break;
        const { state, containerID } = statusOf(pod, container.name) ?? {};
        const ended = endOf(pod, container);
        if (ended) {
          return exitOfCode(facts, ended.exitCode, "pod-status", {
            ...(ended.signal !== undefined && { signal: ended.signal }),
            oomKilled: ended.reason === "OOMKilled",
          });
        }
        running = state?.running !== undefined && isInstance(container, containerID);
        // Its successor runs: what came of this one is no longer written anywhere.
        if (state?.running && !running) break;
      }
      return unknownEnd(facts, "the Pod says nothing of the container's end");
    });
  } catch (error) {
    if (running && limit.signal.aborted && !signal?.aborted) return exitOfEnd(facts, { kind: "detached" });
    return unknownEnd(facts, "the Pod could not be read afterwards", error);
  }
}

function isInstance({ id }: ContainerView, containerID: string | undefined): boolean {
  return id === undefined || containerID === undefined || containerID === id;
}

/** The end of this very instance, also when the container has been restarted since. */
function endOf(pod: Pod, container: ContainerView): ContainerStateTerminated | undefined {
  const status = statusOf(pod, container.name);
  return [status?.state?.terminated, status?.lastState?.terminated].find(
    (ended) => ended && Number.isInteger(ended.exitCode) && isInstance(container, ended.containerID),
  );
}

function unknownEnd(facts: EndFacts, why: string, cause?: unknown): Exit {
  const message = `the attached stream ended, its exit code is unknown: ${why}`;
  return exitOfEnd(facts, endBy(new ClientError("ENDED_WITHOUT_STATUS", message, { cause })));
}
