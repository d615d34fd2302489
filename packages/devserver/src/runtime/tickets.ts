import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { DevServerError } from "../errors.ts";
import { containerNameOf } from "../pods/container-name.ts";
import type { Kubelet } from "../pods/kubelet.ts";
import type { Pod } from "../pods/pod.ts";
import type { RequestInfo } from "../request-info.ts";
import type { Pods } from "../rest/pods.ts";
import { Refusal, textRefusal } from "../status.ts";

interface RuntimeTarget {
  readonly pod: string;
  /** `default` by default. */
  readonly namespace?: string;
}

export interface RuntimeAttach extends RuntimeTarget {
  /** May be left out where there is only one. */
  readonly container?: string;
  /** These are false by default, and one of the three streams has to be true. */
  readonly stdin?: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  readonly tty?: boolean;
}

export interface RuntimeExec extends RuntimeAttach {
  readonly command: readonly string[];
}

export interface RuntimePortForward extends RuntimeTarget {
  /** Those of a WebSocket's channels; streams of SPDY say theirs themselves. */
  readonly ports?: readonly number[];
}

/**
 * The streaming server of a container runtime, without an API server and a kubelet in front: what a kubelet asks a
 * runtime for over gRPC, and where it is then to be found. Each address is good once, and for a minute. All reject with
 * `REFUSED`, in the words of containerd.
 */
export interface RuntimeStreams {
  exec(request: RuntimeExec): string;
  attach(request: RuntimeAttach): string;
  portForward(request: RuntimePortForward): string;
}

/** What an address stands for. */
export interface Ticket {
  readonly verb: Verb;
  readonly pod: Pod;
  /** Empty for a port-forward. */
  readonly container: string;
  readonly command: readonly string[];
  readonly ports: readonly number[];
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** The addresses as the server sees them. */
export interface Tickets extends RuntimeStreams {
  /** What the token of a request stands for, which is used up; throws the 404 of one that is not good. */
  redeem(request: IncomingMessage): Ticket;
}

type Verb = "attach" | "exec" | "portforward";

const tokenBytes = 6;
const goodForMs = 60_000;
const mostTickets = 1_000;
const noStreams = {
  container: "",
  command: [],
  ports: [],
  stdin: false,
  stdout: false,
  stderr: false,
  tty: false,
};

/** Verb and token of a path that is a runtime's. */
function partsOf({ url = "" }: IncomingMessage): readonly [string, string] | undefined {
  const [, verb, token] = /^\/(attach|exec|portforward)\/([^/?]+)(?:\?.*)?$/.exec(url) ?? [];
  return verb === undefined || token === undefined ? undefined : [verb, token];
}

/** Whether a request is for the runtime, which knows no bearer tokens. */
export function isOfRuntime(request: IncomingMessage): boolean {
  return partsOf(request) !== undefined;
}

export function createTickets(pods: Pods, kubelet: Kubelet, url: () => string): Tickets {
  const tickets = new Map<string, { readonly ticket: Ticket; readonly until: number }>();

  const issue = (ticket: Ticket): string => {
    const now = Date.now();
    // The oldest come first.
    for (const [token, { until }] of tickets) if (until <= now) tickets.delete(token);
    if (tickets.size >= mostTickets) throw refused("maximum number of in-flight requests exceeded");
    const token = randomBytes(tokenBytes).toString("base64url");
    tickets.set(token, { ticket, until: now + goodForMs });
    return `${url()}/${ticket.verb}/${token}`;
  };
  const podOf = ({ pod, namespace = "default" }: RuntimeTarget): Pod => {
    try {
      return pods.read(namespace, pod);
    } catch {
      throw refused(`failed to find sandbox ${JSON.stringify(pod)} in store: not found`);
    }
  };
  const issueSession = (verb: Verb, request: RuntimeAttach, command: readonly string[]): string => {
    const { stdin = false, stdout = false, stderr = false, tty = false } = request;
    if (tty && stderr) throw refused("tty and stderr cannot both be true");
    if (!stdin && !stdout && !stderr) throw refused("one of stdin, stdout, or stderr must be set");
    const pod = podOf(request);
    const container = nameOf(pod, request.container ?? "");
    if (!kubelet.running(pod, container)) throw refused("container is not in CONTAINER_RUNNING state");
    return issue({ ...noStreams, verb, pod, container, command, stdin, stdout, stderr, tty });
  };

  return {
    exec: (request) => issueSession("exec", request, request.command),
    attach: (request) => issueSession("attach", request, []),
    portForward: (request) =>
      issue({ ...noStreams, verb: "portforward", pod: podOf(request), ports: request.ports ?? [] }),
    redeem(request) {
      const [verb = "", token = ""] = partsOf(request) ?? [];
      const found = tickets.get(token);
      tickets.delete(token);
      if (found && found.ticket.verb === verb && found.until > Date.now()) return found.ticket;
      throw textRefusal(404, "404 page not found\n");
    },
  };
}

/** As a request to the API server would have been: what faults match, and violations name. Without the token. */
export function infoOfTicket(ticket: Ticket, request: IncomingMessage): RequestInfo {
  const { verb, pod, command, ports } = ticket;
  const { method = "GET", headers } = request;
  const streams = (["stdin", "stdout", "stderr", "tty"] as const).filter((one) => ticket[one]);
  const query = new URLSearchParams([
    ...command.map((word) => ["command", word]),
    ...streams.map((name) => [name, "true"]),
    ...ports.map((port) => ["ports", String(port)]),
  ]);
  return {
    method,
    path: `/${verb}`,
    query,
    protocol: headers.upgrade?.toLowerCase() === "websocket" ? "websocket" : "spdy",
    verb: method === "GET" ? "get" : "create",
    group: "",
    resource: "pods",
    subresource: verb,
    namespace: pod.metadata.namespace,
    name: pod.metadata.name,
  };
}

function nameOf(pod: Pod, asked: string): string {
  try {
    return containerNameOf(pod, asked);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw refused(`failed to find container ${JSON.stringify(asked)} in store: not found`);
  }
}

function refused(why: string): DevServerError {
  return new DevServerError("REFUSED", `the runtime refused: ${why}`);
}
