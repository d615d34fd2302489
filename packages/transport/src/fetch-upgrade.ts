import { beginAttempt } from "./attempt.ts";
import type { Dial } from "./connection.ts";
import { type RefusedUpgrade, TransportError } from "./errors.ts";
import { type DialPlan, planDial } from "./options.ts";
import { refusalLimitBytes, refusalTimeoutMs, refusedUpgrade } from "./refused-upgrade.ts";
import { headersOf } from "./upgrade-headers.ts";
import { acceptWebSocket } from "./web-connection.ts";
import type { WebSocketShape } from "./web-socket.ts";

/** A socket of workerd, which is not being read until it is accepted. */
interface UpgradedSocket extends WebSocketShape {
  accept(): void;
  addEventListener(type: "error", listener: () => void): void;
  dispatchEvent(event: Event): boolean;
}

/** The answer of workerd's fetch to an upgrade: with a socket when that was accepted. */
interface UpgradeResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;
  readonly webSocket?: UpgradedSocket | null;
}

/**
 * Opens a WebSocket by a fetch with `Upgrade: websocket`, which Cloudflare's workers have: their constructor takes no
 * headers and says nothing of a refusal.
 */
export const fetchDial: Dial = async (url, accept, options) => {
  const plan = planDial(url, options);
  const headers = {
    ...headersOf(plan),
    Upgrade: "websocket",
    "Sec-WebSocket-Protocol": plan.protocols.join(", "),
  };
  plan.signal?.throwIfAborted();

  const abandoning = new AbortController();
  const attempt = beginAttempt(plan, () => abandoning.abort());
  try {
    const response = await request(plan, headers, abandoning.signal);
    const { webSocket: socket } = response;
    if (!socket) {
      clearTimeout(attempt.deadline);
      const refused = await readRefusal(response, plan);
      const message = `the server refused the upgrade with HTTP status ${refused.status}`;
      throw new TransportError("HANDSHAKE_REFUSED", message, { response: refused });
    }
    const protocol = response.headers.get("sec-websocket-protocol") ?? "";
    if (attempt.settled || !plan.protocols.includes(protocol)) {
      socket.accept();
      socket.close();
      const names = plan.protocols.join(", ");
      const message = `the server chose none of the subprotocols ${names}`;
      throw new TransportError("SUBPROTOCOL_MISMATCH", message);
    }
    // Its own is empty for a socket of fetch.
    Object.defineProperty(socket, "protocol", { value: protocol });
    socket.binaryType = "arraybuffer";
    // After a frame that breaks the protocol it has no close event.
    socket.addEventListener("error", () => socket.dispatchEvent(new CloseEvent("close", { code: 1006 })));
    socket.accept();
    attempt.succeed(acceptWebSocket(socket, accept, plan, { headers: true, handshakeError: "full" }));
  } catch (error) {
    attempt.fail(error);
  }
  return attempt.promise;
};

/** Asks; what goes wrong is not told, as its texts may hold the URL. */
async function request(plan: DialPlan, headers: Record<string, string>, signal: AbortSignal) {
  try {
    const target = plan.url.href.replace(/^ws/, "http");
    const response: UpgradeResponse = await fetch(target, { headers, redirect: "manual", signal });
    return response;
  } catch {
    const message = `no WebSocket could be opened to ${plan.url.host}; the platform does not say why`;
    throw new TransportError("CONNECT_FAILED", message);
  }
}

/** Reads what the server said instead of 101, to a limit of bytes and of time, whatever comes first. */
async function readRefusal(
  { status, headers, body }: UpgradeResponse,
  { credential }: DialPlan,
): Promise<RefusedUpgrade> {
  const bytes = new Uint8Array(refusalLimitBytes);
  let length = 0;
  const reader = body?.getReader();
  const deadline = setTimeout(() => void reader?.cancel().catch(() => undefined), refusalTimeoutMs);
  try {
    for (let rest = await reader?.read(); rest?.value; rest = await reader?.read()) {
      const part = rest.value.subarray(0, refusalLimitBytes - length);
      bytes.set(part, length);
      length += part.byteLength;
      if (length === refusalLimitBytes) break;
    }
  } catch {
    // The status says enough, and what came of the body may say more.
  } finally {
    clearTimeout(deadline);
    reader?.cancel().catch(() => undefined);
  }
  return refusedUpgrade(status, headers, bytes.subarray(0, length), credential);
}
