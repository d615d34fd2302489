import { capabilitiesOf } from "@podwire/codec";
import { TransportError } from "@podwire/transport";
import type { Client } from "../client.ts";
import type { Deadline } from "../deadline.ts";
import { ClientError } from "../errors.ts";
import { type SessionOptions, type StreamSession, startSession } from "../session/session.ts";
import { attachRuns } from "./attach-probe.ts";
import { dialSubresource } from "./dial.ts";
import { type FirstWord, listenToFirstWord } from "./first-word.ts";
import { sendInitialSize } from "./initial-size.ts";
import type { Offer, Plan } from "./plan.ts";
import { attachExit } from "./pod-exit.ts";
import { receivingOf, type StreamOptions } from "./stream-options.ts";

/** A session to open; everything in it is checked. */
export interface OpenRequest {
  readonly kind: "attach" | "exec";
  /** Path of the Pods. */
  readonly collection: string;
  readonly name: string;
  readonly command?: readonly string[];
  readonly options: StreamOptions;
  /** With attach: time for finding the exit code in the Pod's status, after the end. */
  readonly exitTimeoutMs?: number | undefined;
  /** How the command's own end is known, when it is to be verified. */
  readonly verified?: Pick<SessionOptions, "verification" | "acknowledge"> | undefined;
}

/** Dials with one offer after the other, where the server does not support the subprotocols of the one before. */
export async function attemptSession(
  client: Client,
  request: OpenRequest,
  plan: Plan,
  deadline: Deadline,
  refusalWaitMs: number,
): Promise<StreamSession> {
  const attempt = (offer: Offer) => dialSession(client, request, plan, offer, deadline, refusalWaitMs);
  const [first, second] = plan.offers;
  if (!first) throw new TypeError("a plan has at least one offer");
  try {
    return await attempt(first);
  } catch (error) {
    if (!second || !mayBeUnsupported(error)) throw error;
  }
  return await attempt(second);
}

function mayBeUnsupported(error: unknown): boolean {
  if (!(error instanceof ClientError)) return false;
  if (error.code === "SUBPROTOCOL_UNSUPPORTED") return true;
  // A page does not say why it could not connect.
  const { cause } = error;
  return cause instanceof TransportError && cause.code === "CONNECT_FAILED" && cause.cause === undefined;
}

async function dialSession(
  client: Client,
  request: OpenRequest,
  plan: Plan,
  { protocols, stdin }: Offer,
  deadline: Deadline,
  refusalWaitMs: number,
): Promise<StreamSession> {
  const { kind, collection, name, options, command } = request;
  const { stdout, stderr, tty, size } = plan;
  const container = options.container ?? plan.container?.name;
  let opened: { readonly session: StreamSession; readonly firstWord?: FirstWord } | undefined;
  let leave = (): void => {};
  await dialSubresource(
    client,
    { kind, collection, name, query: { container, command, stdin, stdout, stderr, tty }, protocols },
    (connection) => {
      if (size) sendInitialSize(connection, kind, size);
      const { session, sink } = startSession(connection, sessionOptionsOf(client, request, plan, container));
      leave = () => connection.terminate();
      if (!capabilitiesOf(connection.protocol)?.halfClose) {
        opened = { session };
        return sink;
      }
      const firstWord = listenToFirstWord(sink);
      opened = { session, firstWord };
      return firstWord.sink;
    },
    deadline,
  );
  if (!opened) throw new TypeError("dial has opened a connection without handing it over");
  const { session, firstWord } = opened;
  try {
    const refusal = await firstWord?.refusal(refusalWaitMs, deadline);
    if (refusal) throw refusal;
  } catch (error) {
    leave();
    throw error;
  }
  return session;
}

function sessionOptionsOf(
  client: Client,
  { kind, collection, name, options, exitTimeoutMs, verified }: OpenRequest,
  plan: Plan,
  container: string | undefined,
): SessionOptions {
  const { signal, liveness = {}, halfClose } = options;
  const attached = { collection, name, container: plan.container, signal, exitTimeoutMs };
  return {
    ...plan,
    ...receivingOf(options),
    ...verified,
    liveness,
    container,
    // The end of a terminal's input would cut its output.
    stdinEnd: kind === "exec" && plan.tty ? "end-of-transmission" : (halfClose ?? "half-close"),
    signal,
    ...(kind === "attach" && {
      refineExit: (facts, closedStdin) =>
        attachExit(client, attached, facts, {
          closedStdin,
          runs: (deadline) => attachRuns(client, attached, deadline),
        }),
    }),
  };
}
