import { beginAttempt } from "./attempt.ts";
import type { Dial } from "./connection.ts";
import { TransportError } from "./errors.ts";
import { planDial } from "./options.ts";
import { acceptWebSocket, drop } from "./web-connection.ts";

/** What is used of a W3C WebSocket; the global one, that of `ws` and most stand-ins have this shape. */
export interface WebSocketShape {
  binaryType: string;
  readonly bufferedAmount: number;
  readonly protocol: string;
  readonly readyState: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  /** Called with a string or a Uint8Array; platforms disagree about the rest. */
  send(data: unknown): void;
  close(code?: number, reason?: string): void;
  /** Drops the connection; `ws` and Bun have it, pages do not. */
  terminate?(): void;
  /** With `resume`: stops reading, and so the peer; the same have it, and WebSocketStream in its way. */
  pause?(): void;
  resume?(): void;
  /** Called when `bufferedAmount` has fallen; where it is not there, that is asked for again and again. */
  ondrain?: ((event: never) => void) | null;
}

/** The constructor of a W3C WebSocket. */
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketShape;

/** Makes a `Dial` of any W3C-shaped WebSocket constructor. */
export function dialWith(socketClass: WebSocketConstructor): Dial {
  return dialThrough((url, protocols) => new socketClass(url, protocols));
}

/** As `dialWith`, for what has to decide at each call. */
export function dialThrough(create: (url: string, protocols: string[]) => WebSocketShape): Dial {
  return async (url, accept, options) => {
    const plan = planDial(url, options);
    if (Object.keys(plan.headers).length > 0) {
      throw new TypeError("this WebSocket sends no headers; use `credential`");
    }
    plan.signal?.throwIfAborted();

    let socket: WebSocketShape | undefined;
    const attempt = beginAttempt(plan, () => socket && abandon(socket));
    try {
      socket = create(plan.url.href, plan.offered);
    } catch (error) {
      attempt.fail(error instanceof TransportError ? error : rejected(plan.url, error));
      return attempt.promise;
    }

    const opening = socket;
    opening.binaryType = "arraybuffer";
    opening.onopen = () => {
      // Several platforms open when the server chose nothing, and one when it chose what was not offered.
      if (!plan.protocols.includes(opening.protocol)) {
        const message = `the server chose none of ${plan.protocols.join(", ")}`;
        return attempt.fail(new TransportError("SUBPROTOCOL_MISMATCH", message));
      }
      try {
        attempt.succeed(acceptWebSocket(opening, accept, plan));
      } catch (error) {
        attempt.fail(error);
      }
    };
    // Not every platform has a close event after a failed handshake, nor an error event before it.
    opening.onerror = (event: { readonly error?: { readonly code?: unknown } | null }) =>
      attempt.fail(unexplained(plan.url, event));
    opening.onclose = () => attempt.fail(unexplained(plan.url, {}));
    return attempt.promise;
  };
}

/** Leaves the error listener in place: ws reports this as an error, and throws errors that nobody listens to. */
function abandon(socket: WebSocketShape): void {
  socket.onmessage = socket.onclose = null;
  socket.onopen = () => socket.close();
  drop(socket);
}

function rejected(url: URL, error: unknown): TransportError {
  // Without the error itself: pages put the URL and the subprotocols, so the credential, into its text.
  return connectFailed(url, error instanceof Error ? error.name : "error");
}

function unexplained(
  url: URL,
  event: { readonly error?: { readonly code?: unknown } | null },
): TransportError {
  // The code alone: texts differ by platform, and some hold the URL.
  const code = event.error?.code;
  return connectFailed(url, typeof code === "string" ? code : "no reason was given");
}

function connectFailed(url: URL, why: string): TransportError {
  return new TransportError("CONNECT_FAILED", `no WebSocket to ${url.host}: ${why}`);
}
