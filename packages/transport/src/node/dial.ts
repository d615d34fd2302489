import type { ClientRequest, IncomingMessage } from "node:http";
import { Agent } from "node:http";
import { TLSSocket } from "node:tls";
import { WebSocket } from "ws";
import { beginAttempt } from "../attempt.ts";
import type { Accept, Connection } from "../connection.ts";
import { TransportError } from "../errors.ts";
import { type DialPlan, planDial } from "../options.ts";
import { headersOf } from "../upgrade-headers.ts";
import { type NodeDialOptions, tlsOptionsOf } from "./options.ts";
import { readBeforeFailing } from "./read-first.ts";
import { readRefusal } from "./refusal.ts";
import { acceptSocket } from "./socket.ts";

/** How far a handshake has come. */
interface Stage {
  connected: boolean;
  upgraded: boolean;
  agreed: boolean;
  lost: Error | undefined;
}

/** Opens a WebSocket with `ws`: headers, TLS options, refusals with their body, and back-pressure on reading. */
export async function nodeDial(
  url: string | URL,
  accept: Accept,
  options: NodeDialOptions,
): Promise<Connection> {
  const plan = planDial(url, options);
  const headers = headersOf(plan);
  const agent = checkAgent(options.agent);
  plan.signal?.throwIfAborted();

  const stage: Stage = { connected: false, upgraded: false, agreed: false, lost: undefined };
  let socket: WebSocket | undefined;
  const attempt = beginAttempt(plan, () => socket?.terminate());
  try {
    socket = new WebSocket(plan.url, [...plan.protocols], {
      ...tlsOptionsOf(options),
      ...(agent && { agent }),
      // Not in the types of ws yet: how long a peer may leave TCP open after both Closes.
      ...{ closeTimeout: plan.closeTimeoutMs },
      headers,
      followRedirects: false,
      perMessageDeflate: false,
      maxPayload: plan.maxMessageBytes,
      finishRequest(request: ClientRequest) {
        watchSocket(request, () => {
          stage.connected = true;
        });
        request.end();
      },
    });
  } catch (error) {
    // Node says which header or PEM it cannot use, without its value.
    attempt.fail(error instanceof TypeError ? error : connectFailed(plan, error));
    return attempt.promise;
  }

  const opening = socket;
  opening.on("upgrade", (response: IncomingMessage) => {
    stage.upgraded = true;
    // ws keeps the reason of a reset to itself.
    response.socket.on("error", (error) => {
      stage.lost = error;
    });
    readBeforeFailing(response.socket);
    stage.agreed = plan.protocols.includes(response.headers["sec-websocket-protocol"] ?? "");
  });
  opening.on("unexpected-response", async (_request, response) => {
    clearTimeout(attempt.deadline);
    const refused = await readRefusal(response, plan.credential);
    const message = `the server refused the upgrade with HTTP status ${refused.status}`;
    attempt.fail(new TransportError("HANDSHAKE_REFUSED", message, { response: refused }));
  });
  // Stays for good: ws reports an abandoned handshake here too, and an error without a listener is thrown.
  opening.on("error", (error) => {
    if (attempt.settled) return;
    if (!stage.upgraded && isConnectError(error, stage.connected)) attempt.fail(connectFailed(plan, error));
    else if (stage.upgraded && !stage.agreed) attempt.fail(mismatch(plan));
    else attempt.fail(handshakeFailed(error));
  });
  opening.on("open", () => {
    if (attempt.settled) return;
    try {
      attempt.succeed(acceptSocket(opening, accept, plan, () => stage.lost));
    } catch (error) {
      attempt.fail(error);
    }
  });
  return attempt.promise;
}

function checkAgent(agent: object | undefined): Agent | undefined {
  if (agent === undefined || agent instanceof Agent) return agent;
  throw new TypeError("agent must be an http.Agent or https.Agent");
}

/** Tells when TCP, and TLS where there is any, stand. */
function watchSocket(request: ClientRequest, onConnected: () => void): void {
  request.once("socket", (socket) => {
    // An agent may lend one that has been used before.
    if (!socket.connecting && !(socket instanceof TLSSocket)) onConnected();
    else socket.once(socket instanceof TLSSocket ? "secureConnect" : "connect", onConnected);
  });
}

function isConnectError(error: Error, connected: boolean): boolean {
  const code = codeOf(error) ?? "";
  // In TLS 1.3 a server turns a client certificate down only after the handshake.
  return code.startsWith("ERR_SSL_") || (!connected && !code.startsWith("HPE_"));
}

function connectFailed(plan: DialPlan, cause: unknown): TransportError {
  const why = codeOf(cause) ?? (cause instanceof Error ? cause.message : "unknown");
  return new TransportError("CONNECT_FAILED", `cannot connect to ${plan.url.host}: ${why}`, { cause });
}

function handshakeFailed(error: Error): TransportError {
  // Node's parser error holds the bytes that the server sent: keep what it says, not them.
  const cause = Object.assign(new Error(error.message), { code: codeOf(error) });
  return new TransportError("HANDSHAKE_FAILED", `the WebSocket handshake failed: ${error.message}`, {
    cause,
  });
}

function mismatch(plan: DialPlan): TransportError {
  const offered = plan.protocols.join(", ");
  return new TransportError("SUBPROTOCOL_MISMATCH", `the server chose none of the subprotocols ${offered}`);
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
