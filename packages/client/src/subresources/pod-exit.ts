import type { Client } from "../client.ts";
import { createDeadline, type Deadline, within } from "../deadline.ts";
import { ClientError } from "../errors.ts";
import { followObject } from "../follow.ts";
import type { Pod } from "../resources/descriptors.ts";
import type { ContainerStateTerminated } from "../resources/kubernetes.ts";
import { type EndFacts, type Exit, endBy, exitOfCode, exitOfEnd } from "../session/exit.ts";
import type { AttachedTo } from "./attach-probe.ts";
import { type ContainerView, statusOf } from "./container.ts";

/** The longest that a kubelet was seen to take for writing an end into the Pod, 1.7 s, and some more. */
const writtenWithinMs = 2_500;

/** What attach's end is refined from. */
export interface AttachEnd {
  /** Whether the caller had ended stdin. */
  readonly closedStdin: boolean;
  /** Whether the container runs now, by its runtime's word; undefined where nobody says. */
  runs(deadline: Deadline): Promise<boolean | undefined>;
}

/**
 * How an attached process really ended. Attach's status is Success whatever the exit code and on detaching too,
 * so the Pod's own status says the code, and the runtime whether it runs on.
 */
export async function attachExit(
  client: Client,
  attached: AttachedTo & {
    /** Ends the search. */
    readonly signal: AbortSignal | undefined;
    readonly exitTimeoutMs?: number | undefined;
  },
  facts: EndFacts,
  { closedStdin, runs }: AttachEnd,
): Promise<Exit> {
  const { container, signal, exitTimeoutMs = 5_000 } = attached;
  if (!container)
    return unknownEnd(facts, "the Pod was not read, and attach's own status carries no exit code");
  const limit = createDeadline(
    signal,
    exitTimeoutMs,
    () => `the Pod did not tell the container's end within ${exitTimeoutMs} ms`,
  );
  const find = (deadline: Deadline) => endInPod(client, { ...attached, container }, facts, deadline);
  try {
    return await within(limit, async (deadline) => {
      // Ending stdin detaches unless the container was made for it. Else the Pod is asked first: it mostly has ended.
      let asked = closedStdin && container.stdin && (container.tty || !container.stdinOnce);
      for (;;) {
        const running = asked ? await runs(deadline) : undefined;
        if (running) return exitOfEnd(facts, { kind: "detached" });
        if (running === false) return await find(deadline);
        const exit = await soon(find, deadline);
        if (exit) return exit;
        asked = true;
      }
    });
  } catch (error) {
    const late = limit.signal.aborted && !signal?.aborted && error instanceof ClientError;
    return unknownEnd(facts, late ? error.message : "the Pod could not be read afterwards", error);
  }
}

/** What is found while a kubelet may still be about to write it. */
async function soon<T>(find: (deadline: Deadline) => Promise<T>, deadline: Deadline): Promise<T | undefined> {
  const limit = createDeadline(deadline.signal, writtenWithinMs);
  try {
    return await within(limit, find);
  } catch (error) {
    if (!limit.signal.aborted || deadline.signal.aborted) throw error;
    return undefined;
  }
}

async function endInPod(
  client: Client,
  { collection, name, container }: AttachedTo & { readonly container: ContainerView },
  facts: EndFacts,
  deadline: Deadline,
): Promise<Exit> {
  for await (const pod of followObject<Pod>(client, collection, name, deadline)) {
    if (!pod) break;
    const ended = endOf(pod, container);
    if (ended) {
      return exitOfCode(facts, ended.exitCode, "pod-status", {
        ...(ended.signal !== undefined && { signal: ended.signal }),
        oomKilled: ended.reason === "OOMKilled",
      });
    }
    const { state, containerID } = statusOf(pod, container.name) ?? {};
    if (state?.running && !isInstance(container, containerID)) {
      return unknownEnd(facts, "the container has been started again since, more than once");
    }
  }
  return unknownEnd(facts, "the Pod is gone, and did not tell the container's end");
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
