import { bearerSubprotocol, capabilitiesOf, subprotocols } from "@podwire/codec";
import { type Credential, dial as platformDial } from "@podwire/transport";
import type { Client } from "../client.ts";
import { checkTimeout, createDeadline, type Deadline, delay } from "../deadline.ts";
import { ClientError } from "../errors.ts";
import { followObject } from "../follow.ts";
import { type CallOptions, queryString, tokenOf } from "../request.ts";
import type { Pod } from "../resources/descriptors.ts";
import { createSession, type StreamSession } from "../session/session.ts";
import { type ContainerView, containerOf, readinessOf } from "./container.ts";
import { attachExit } from "./pod-exit.ts";
import { openError } from "./refusal.ts";

/** What attach and exec have in common. */
export interface StreamOptions extends CallOptions {
  /** Container name; by default the Pod's annotated default container, or its only one. */
  readonly container?: string;
  /** Whether to write to the process; false by default. */
  readonly stdin?: boolean;
  /** Whether to read its stdout; true by default. */
  readonly stdout?: boolean;
  /** Whether to read its stderr; true by default, and never with a terminal, which has one output. */
  readonly stderr?: boolean;
  /** Whether the process has (attach) or gets (exec) a terminal; attach follows the container itself. */
  readonly tty?: boolean;
  /** Whether to read the Pod first, to choose the container and to wait until it runs; true by default. */
  readonly readPod?: boolean;
  /** Subprotocols to offer; v5 and v4 by default. */
  readonly protocols?: readonly string[];
  /** Unread bytes at which reading the connection pauses; 1 MiB by default. */
  readonly highWaterBytes?: number;
  /** Most unread bytes of one channel while others are read; 16 MiB by default. */
  readonly limitBytes?: number;
}

export interface OpenRequest {
  readonly kind: "attach" | "exec";
  readonly name: string;
  readonly namespace: string;
  readonly command?: readonly string[];
  readonly options: StreamOptions;
}

/** What the session will ask for, after the Pod was read. */
interface Plan {
  readonly container: ContainerView | undefined;
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdinDropped: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly warnings: readonly string[];
}

/** Rejects impossible combinations before any network. */
export function checkStreamOptions(name: string, options: StreamOptions): void {
  if (typeof name !== "string" || name === "")
    throw new TypeError("the Pod's name must be a non-empty string");
  const { stdin = false, stdout = true, tty = false, stderr = !tty } = options;
  if (!stdin && !stdout && !stderr) throw new TypeError("ask for at least one of stdin, stdout and stderr");
  if (tty && stderr)
    throw new TypeError("a terminal has one output: with tty: true, stderr cannot be asked for");
  checkTimeout("requestTimeoutMs", options.requestTimeoutMs);
  for (const mark of ["highWaterBytes", "limitBytes"] as const) {
    const value = options[mark];
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0)) {
      throw new RangeError(`${mark} must be a positive integer, not ${value}`);
    }
  }
  for (const protocol of options.protocols ?? []) {
    if (capabilitiesOf(protocol)?.status !== "json")
      throw new RangeError(`cannot speak the subprotocol ${protocol}`);
  }
}

/** Opens a session: waits for the container, dials, and dials again while it is only just starting. */
export async function openSession(client: Client, request: OpenRequest): Promise<StreamSession> {
  const { name, options } = request;
  const timeoutMs = options.requestTimeoutMs ?? client.requestTimeoutMs;
  let state = "it could not be read";
  const deadline = createDeadline(
    options.signal,
    timeoutMs,
    () =>
      new ClientError(
        "TIMEOUT",
        `${request.kind} to Pod ${name} did not open within ${timeoutMs} ms: ${state}`,
      ),
  );
  try {
    for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 1_000)) {
      const pod =
        options.readPod === false
          ? undefined
          : await runningPod(client, request, deadline, (why) => {
              state = why;
            });
      try {
        return await dialSession(client, request, planOf(request, pod), deadline);
      } catch (error) {
        if (!(error instanceof ClientError && error.code === "CONTAINER_NOT_RUNNING")) throw error;
        // The Pod's status runs ahead of the runtime by a moment, and behind it by a second at the end.
        state = error.message;
        await delay(pauseMs, deadline.signal);
      }
    }
  } catch (error) {
    throw deadline.signal.aborted ? deadline.signal.reason : error;
  } finally {
    deadline.dispose();
  }
}

function collectionOf({ namespace }: OpenRequest): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
}

/** The Pod once its container runs; undefined where reading it is forbidden. */
async function runningPod(
  client: Client,
  request: OpenRequest,
  deadline: Deadline,
  waiting: (why: string) => void,
): Promise<Pod | undefined> {
  try {
    for await (const pod of followObject<Pod>(client, collectionOf(request), request.name, deadline.signal)) {
      if (!pod) throw new ClientError("NOT_FOUND", `pods "${request.name}" not found`, { httpStatus: 404 });
      const container = containerOf(pod, request.options.container);
      // The server's own words on a wrong choice are better than ours.
      if (!container) return pod;
      const readiness = readinessOf(pod, container.name);
      if (readiness.state === "running") return pod;
      waiting(readiness.why);
      if (readiness.state === "never") {
        throw new ClientError(
          "POD_CANNOT_RUN",
          `cannot ${request.kind} to Pod ${request.name}: ${readiness.why}`,
        );
      }
    }
  } catch (error) {
    if (error instanceof ClientError && error.code === "FORBIDDEN") return undefined;
    throw error;
  }
  return undefined;
}

function planOf({ kind, options }: OpenRequest, pod: Pod | undefined): Plan {
  const container = pod && containerOf(pod, options.container);
  const warnings: string[] = [];
  if (!pod && options.readPod !== false) {
    warnings.push(
      "the Pod could not be read (forbidden): its terminal, its stdin and attach's exit code are unknown",
    );
  }
  const attached = kind === "attach" ? container : undefined;
  // A terminal is made with the container: asking attach for another hangs silently on v5.
  const tty = attached ? attached.tty : (options.tty ?? false);
  if (attached && options.tty && !attached.tty) warnings.push(`container ${attached.name} has no terminal`);
  const stdin = options.stdin ?? false;
  const stdinDropped = stdin && attached?.stdin === false;
  if (stdinDropped) {
    warnings.push(
      `container ${attached?.name} was created without stdin: true, so what is written is discarded`,
    );
  }
  const stderr = !tty && (options.stderr ?? !options.tty);
  return { container, tty, stdin, stdinDropped, stdout: options.stdout ?? true, stderr, warnings };
}

async function dialSession(
  client: Client,
  request: OpenRequest,
  plan: Plan,
  deadline: Deadline,
): Promise<StreamSession> {
  const offered = request.options.protocols ?? [subprotocols.v5, subprotocols.v4];
  const session = await dialOnce(client, request, plan, deadline, offered, plan.stdin && !plan.stdinDropped);
  // On v4, a runtime takes "no stdin" for an end of input: it ends the attach, or cuts a terminal's output.
  const cut = request.kind === "attach" ? plan.container?.stdin : plan.tty;
  if (capabilitiesOf(session.protocol)?.halfClose || plan.stdin || !cut) return session;
  await session.close();
  return await dialOnce(client, request, plan, deadline, [session.protocol], true);
}

async function dialOnce(
  client: Client,
  request: OpenRequest,
  plan: Plan,
  deadline: Deadline,
  protocols: readonly string[],
  stdin: boolean,
): Promise<StreamSession> {
  const { kind, name, options, command } = request;
  const path = `${collectionOf(request)}/${encodeURIComponent(name)}/${kind}`;
  const { container, tty, stdout, stderr } = plan;
  const query = { container: options.container ?? container?.name, command, stdin, stdout, stderr, tty };
  const start = createSession({
    ...plan,
    container: query.container,
    stdinEnd: kind === "exec" && tty ? "end-of-transmission" : "half-close",
    signal: options.signal,
    highWaterBytes: options.highWaterBytes ?? 1_048_576,
    limitBytes: options.limitBytes ?? 16_777_216,
    ...(kind === "attach" && {
      refineExit: (exit, closedStdin) =>
        attachExit(client, collectionOf(request), name, container, exit, closedStdin),
    }),
  });
  const credential = await deadline.race(credentialOf(client));
  const dial = client.config.dial ?? platformDial;
  try {
    const url = client.server.replace(/^http/, "ws") + path + queryString(query);
    await dial(url, start.accept, {
      protocols,
      ...(client.config.headers && { headers: client.config.headers }),
      ...(credential && { credential }),
      signal: deadline.signal,
    });
  } catch (error) {
    throw deadline.signal.aborted ? deadline.signal.reason : openError(error, `${kind} to Pod ${name}`);
  }
  return start.open();
}

async function credentialOf(client: Client): Promise<Credential | undefined> {
  const token = await tokenOf(client);
  if (token === undefined) return undefined;
  return { authorization: `Bearer ${token}`, subprotocol: bearerSubprotocol(token) };
}
