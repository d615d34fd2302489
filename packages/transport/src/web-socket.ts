import { beginAttempt } from "./attempt.ts";
import type { Dial } from "./connection.ts";
import { TransportError } from "./errors.ts";
import { planDial } from "./options.ts";
import { acceptWebSocket } from "./web-connection.ts";

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
      throw new TypeError("this platform's WebSocket sends no headers; use `credential`, or dial with ws");
    }
    plan.signal?.throwIfAborted();

    // Last, so that a server which knows no credentials there chooses one of the others first.
    const offered = [...plan.protocols, ...(plan.credential ? [plan.credential.subprotocol] : [])];
    let socket: WebSocketShape | undefined;
    const attempt = beginAttempt(plan, () => socket && abandon(socket));
    try {
      socket = create(plan.url.href, offered);
    } catch (error) {
      attempt.fail(error instanceof TransportError ? error : rejected(error));
      return attempt.promise;
    }

    const opening = socket;
    opening.binaryType = "arraybuffer";
    opening.onopen = () => {
      // Several platforms open when the server chose nothing, and one when it chose what was not offered.
      if (!plan.protocols.includes(opening.protocol)) {
        const names = plan.protocols.join(", ");
        const message = `the server chose none of the subprotocols ${names}`;
        return attempt.fail(new TransportError("SUBPROTOCOL_MISMATCH", message));
      }
      try {
        attempt.succeed(acceptWebSocket(opening, accept, plan));
      } catch (error) {
        attempt.fail(error);
      }
    };
    // Not every platform has a close event after a failed handshake, nor an error event before it.
    opening.onerror = (event: object) => attempt.fail(unexplained(plan.url, event));
    opening.onclose = () => attempt.fail(unexplained(plan.url, {}));
    return attempt.promise;
  };
}

/** Leaves the error listener in place: ws reports this as an error, and throws errors that nobody listens to. */
function abandon(socket: WebSocketShape): void {
  socket.onmessage = null;
  socket.onclose = null;
  socket.onopen = () => socket.close();
  if (socket.terminate) socket.terminate();
  else socket.close();
}

function rejected(error: unknown): TransportError {
  // Without the error itself: pages put the URL and the subprotocols, so the credential, into its text.
  const name = error instanceof Error ? error.name : "an error";
  return new TransportError("CONNECT_FAILED", `the platform's WebSocket threw ${name} for this URL`);
}

function unexplained(url: URL, event: object): TransportError {
  // The code alone: texts differ by platform, and some hold the URL.
  const error = "error" in event && event.error instanceof Error ? event.error : {};
  const code = "code" in error && typeof error.code === "string" ? `: ${error.code}` : "";
  const why = code || "; the platform does not say why";
  return new TransportError("CONNECT_FAILED", `no WebSocket could be opened to ${url.host}${why}`);
}
