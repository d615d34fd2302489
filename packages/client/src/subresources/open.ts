import type { Client } from "../client.ts";
import { type Deadline, within } from "../deadline.ts";
import { ClientError } from "../errors.ts";
import { followObject } from "../follow.ts";
import { notFound } from "../http-error.ts";
import { isNotYet } from "../kubelet-refusal.ts";
import { callDeadline } from "../request.ts";
import type { Pod } from "../resources/descriptors.ts";
import type { StreamSession } from "../session/session.ts";
import { attemptSession, type OpenRequest } from "./attempt.ts";
import { containerOf, type Readiness, readinessOf } from "./container.ts";
import { type Finding, planOf } from "./plan.ts";

export type { OpenRequest } from "./attempt.ts";

const firstDelayMs = 100;
const longestDelayMs = 1_000;

/**
 * How long a session over v5 is held back for a refusal behind the 101, where one is likely: they were seen up to
 * 63 ms after it. Elsewhere only what has come with the 101 is looked at.
 */
const refusalWaitMs = 250;

/** Opens a session: waits for the container, dials, and dials again while it is only just starting. */
export async function openSession(client: Client, request: OpenRequest): Promise<StreamSession> {
  const { kind, name, options, verified } = request;
  let state = "it could not be read";
  let attempts = 0;
  let refusal: ClientError | undefined;
  const limit = callDeadline(client, options, (time) => {
    const tried = attempts > 1 ? ` in ${attempts} attempts` : "";
    return `${kind} to Pod ${name} did not open ${time}${tried}: ${state}`;
  });
  try {
    return await within(limit, async (deadline) => {
      for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, longestDelayMs)) {
        const finding: Finding =
          options.readPod === false
            ? { pod: "skipped" }
            : await findContainer(client, request, deadline, (why) => {
                state = why;
              });
        const plan = planOf(kind, options, finding, { stdin: verified !== undefined });
        const waitMs = refusal || finding.pod === "forbidden" ? refusalWaitMs : 0;
        attempts += 1;
        try {
          return await attemptSession(client, request, plan, deadline, waitMs);
        } catch (error) {
          if (!isRefusedForNow(error)) throw error;
          refusal = error;
          state = error.message;
        }
        // The Pod's status runs ahead of the runtime by a moment, and behind it by a second at the end; and a kubelet
        // that has just started knows none of its Pods for a second.
        options.onAttempt?.({ number: attempts, error: refusal, delayMs });
        await deadline.delay(delayMs);
      }
    });
  } catch (error) {
    throw options.signal?.aborted ? error : withCause(error, refusal);
  }
}

function isRefusedForNow(error: unknown): error is ClientError {
  if (!(error instanceof ClientError)) return false;
  const { code, status, body } = error;
  // By HTTP it is the kubelet's text, and never a Status of the API server; behind the 101 it is always a Status.
  return (
    (code === "CONTAINER_NOT_RUNNING" || code === "NOT_FOUND") && isNotYet(body ?? status?.message ?? "")
  );
}

/** A final error of our own that says which refusal came before it. */
function withCause(error: unknown, cause: ClientError | undefined): unknown {
  if (!cause || !(error instanceof ClientError) || error.cause !== undefined) return error;
  const { code, message, httpStatus, status, body } = error;
  return new ClientError(code, message, { httpStatus, status, body, cause });
}

/** The container once it runs; "forbidden" where the Pod cannot be read. */
async function findContainer(
  client: Client,
  { kind, collection, name, options }: OpenRequest,
  deadline: Deadline,
  waiting: (why: string) => void,
): Promise<Finding> {
  try {
    for await (const pod of followObject<Pod>(client, collection, name, deadline)) {
      if (!pod) break;
      const { container, readiness } = viewOf(pod, options.container);
      // The server's own words on a wrong choice are better than ours.
      if (readiness.state === "running") return { pod: "read", container };
      waiting(readiness.why);
      if (readiness.state === "never") {
        throw new ClientError("POD_CANNOT_RUN", `cannot ${kind} to Pod ${name}: ${readiness.why}`);
      }
    }
  } catch (error) {
    if (error instanceof ClientError && error.code === "FORBIDDEN") return { pod: "forbidden" };
    throw error;
  }
  throw notFound("pods", name);
}

function viewOf(pod: Pod, named: string | undefined) {
  try {
    const container = containerOf(pod, named);
    const readiness: Readiness = container ? readinessOf(pod, container.name) : { state: "running" };
    return { container, readiness };
  } catch (cause) {
    // The server's schema is trusted where it is walked; this is what a wrong one looks like.
    throw new ClientError("BAD_RESPONSE", "the Pod that the server sent does not follow its schema", {
      cause,
    });
  }
}
