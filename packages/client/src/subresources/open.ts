import { bearerSubprotocol, capabilitiesOf, subprotocols } from "@podwire/codec";
import { dial as platformDial } from "@podwire/transport";
import type { Client } from "../client.ts";
import { type Deadline, within } from "../deadline.ts";
import { ClientError } from "../errors.ts";
import { followObject } from "../follow.ts";
import { notFound } from "../http-error.ts";
import { callDeadline, queryString, tokenOf } from "../request.ts";
import type { Pod } from "../resources/descriptors.ts";
import { type SessionOptions, type StreamSession, startSession } from "../session/session.ts";
import { containerOf, type Readiness, readinessOf } from "./container.ts";
import { type Finding, type Plan, planOf } from "./plan.ts";
import { attachExit } from "./pod-exit.ts";
import { openError } from "./refusal.ts";
import { receivingOf, type StreamOptions } from "./stream-options.ts";

/** A session to open; everything in it is checked. */
export interface OpenRequest {
  readonly kind: "attach" | "exec";
  /** Path of the Pods. */
  readonly collection: string;
  readonly name: string;
  readonly command?: readonly string[];
  readonly options: StreamOptions;
  /** How the command's own end is known, when it is to be verified. */
  readonly verified?: Pick<SessionOptions, "verification" | "acknowledge"> | undefined;
}

/** Opens a session: waits for the container, dials, and dials again while it is only just starting. */
export async function openSession(client: Client, request: OpenRequest): Promise<StreamSession> {
  const { kind, name, options } = request;
  let state = "it could not be read";
  const limit = callDeadline(
    client,
    options,
    (time) => `${kind} to Pod ${name} did not open ${time}: ${state}`,
  );
  return await within(limit, async (deadline) => {
    for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 1_000)) {
      const finding: Finding =
        options.readPod === false
          ? { pod: "skipped" }
          : await findContainer(client, request, deadline, (why) => {
              state = why;
            });
      try {
        return await dialSession(client, request, planOf(kind, options, finding), deadline);
      } catch (error) {
        if (!(error instanceof ClientError && error.code === "CONTAINER_NOT_RUNNING")) throw error;
        // The Pod's status runs ahead of the runtime by a moment, and behind it by a second at the end.
        state = error.message;
        await deadline.delay(pauseMs);
      }
    }
  });
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

async function dialSession(
  client: Client,
  request: OpenRequest,
  plan: Plan,
  deadline: Deadline,
): Promise<StreamSession> {
  const offered = request.options.protocols ?? [subprotocols.v5, subprotocols.v4];
  const first = plan.needsStdinOnV4 ? offered.filter((name) => capabilitiesOf(name)?.halfClose) : offered;
  const rest = offered.filter((name) => !first.includes(name));
  if (first.length > 0) {
    try {
      // What has been read to its end is acknowledged over stdin.
      const stdin = (plan.stdin && !plan.stdinDropped) || request.verified !== undefined;
      return await dialOnce(client, request, plan, deadline, first, stdin);
    } catch (error) {
      // A page does not say why it could not connect.
      const code = error instanceof ClientError ? error.code : undefined;
      const unsupported = code === "SUBPROTOCOL_UNSUPPORTED" || code === "CONNECTION_FAILED";
      if (rest.length === 0 || !unsupported) throw error;
    }
  }
  return await dialOnce(client, request, plan, deadline, rest, true);
}

async function dialOnce(
  client: Client,
  { kind, collection, name, options, command, verified }: OpenRequest,
  plan: Plan,
  deadline: Deadline,
  protocols: readonly string[],
  stdin: boolean,
): Promise<StreamSession> {
  const { config, requestTimeoutMs } = client;
  const { stdout, stderr, tty } = plan;
  const { signal } = options;
  const container = options.container ?? plan.container?.name;
  const token = await tokenOf(client, deadline);
  const query = queryString({ container, command, stdin, stdout, stderr, tty });
  let opened: StreamSession | undefined;
  try {
    await (config.dial ?? platformDial)(
      `${client.server.replace(/^http/, "ws")}${collection}/${encodeURIComponent(name)}/${kind}${query}`,
      (connection) => {
        const { session, sink } = startSession(connection, {
          ...plan,
          ...receivingOf(options),
          ...verified,
          liveness: options.liveness ?? {},
          container,
          stdinEnd: kind === "exec" && tty ? "end-of-transmission" : "half-close",
          signal,
          ...(kind === "attach" && {
            refineExit: (facts, closedStdin) =>
              attachExit(client, { collection, name, container: plan.container, signal }, facts, closedStdin),
          }),
        });
        opened = session;
        return sink;
      },
      {
        protocols,
        ...(config.headers && { headers: config.headers }),
        ...(token !== undefined && {
          credential: { authorization: `Bearer ${token}`, subprotocol: bearerSubprotocol(token) },
        }),
        signal: deadline.signal,
        // The deadline's own message says more.
        handshakeTimeoutMs: Math.min((options.requestTimeoutMs ?? requestTimeoutMs) + 1_000, 2_147_483_647),
      },
    );
    deadline.signal.throwIfAborted();
  } catch (error) {
    throw openError(error, `${kind} to Pod ${name}`);
  }
  if (!opened) throw new TypeError("dial has opened a connection without handing it over");
  return opened;
}
