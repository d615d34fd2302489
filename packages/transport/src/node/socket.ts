import { type RawData, WebSocket } from "ws";
import type { Accept, Capabilities, CloseInfo, Connection, Sink } from "../connection.ts";
import { TransportError } from "../errors.ts";
import { checkMessage } from "../message.ts";
import { checkClose, type DialPlan } from "../options.ts";

const capabilities: Capabilities = {
  readBackpressure: true,
  headers: true,
  tls: true,
  handshakeError: "full",
  ping: true,
};

const asText = { binary: false };
const asBinary = { binary: true };

/**
 * Makes a connection of a `ws` socket; to be called from its `open` event, before it has read anything.
 * `lost` tells why the network went, once it has.
 */
export function acceptSocket(
  socket: WebSocket,
  accept: Accept,
  plan: DialPlan,
  lost: () => Error | undefined,
): Connection {
  const { signal, sendMarkBytes } = plan;
  let state: "open" | "closing" | "ended" = "open";
  let sink: Sink | undefined;
  let blocked = false;
  let failure: TransportError | undefined;
  let deadline: ReturnType<typeof setTimeout> | undefined;

  function end(info: CloseInfo): void {
    if (state === "ended") return;
    state = "ended";
    clearTimeout(deadline);
    signal?.removeEventListener("abort", terminate);
    // Later, because whoever terminates may stand inside a call of the sink, or of `accept`.
    queueMicrotask(() => sink?.close(info));
  }

  function terminate(): void {
    drop(undefined);
  }

  function drop(error: TransportError | undefined): void {
    end({ code: 1006, reason: "", wasClean: false, ...(error && { error }) });
    socket.terminate();
  }

  function call(listener: () => void): void {
    try {
      listener();
    } catch (cause) {
      dropFor(cause);
    }
  }

  function dropFor(cause: unknown): void {
    drop(new TransportError("CONNECTION_LOST", "dropped, because its listener threw", { cause }));
  }

  function onWritten(): void {
    if (!blocked || state !== "open" || socket.bufferedAmount >= sendMarkBytes / 2) return;
    blocked = false;
    call(() => sink?.drain?.());
  }

  socket.on("message", (data, isBinary) => {
    // ws goes on delivering after close(); a page would not.
    if (state !== "open") return;
    try {
      sink?.message(messageOf(data, isBinary));
    } catch (cause) {
      dropFor(cause);
    }
  });
  socket.on("pong", () => {
    if (state === "open") call(() => sink?.pong?.());
  });
  socket.on("error", (cause) => {
    failure ??= failureOf(cause, plan);
  });
  socket.on("close", (code, reason) => {
    if (code !== 1006) return end({ code, reason: reason.toString(), wasClean: true });
    const error = failure ?? lostError(lost());
    end({ code, reason: "", wasClean: false, error });
  });
  signal?.addEventListener("abort", terminate, { once: true });

  const connection: Connection = {
    protocol: socket.protocol,
    capabilities,
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
    send(data) {
      checkMessage(data);
      if (state !== "open" || socket.readyState !== WebSocket.OPEN) {
        throw new TransportError("NOT_OPEN", "the connection is closing or closed");
      }
      // A callback costs more than a small message: only those that may be the last before the mark have one.
      const near = socket.bufferedAmount + data.length >= sendMarkBytes / 2;
      socket.send(data, typeof data === "string" ? asText : asBinary, near ? onWritten : undefined);
      if (socket.bufferedAmount < sendMarkBytes) return true;
      blocked = true;
      return false;
    },
    pause() {
      if (state === "open") socket.pause();
    },
    resume() {
      if (state === "open") socket.resume();
    },
    ping() {
      if (state === "open" && socket.readyState === WebSocket.OPEN) socket.ping();
    },
    close(code = 1000, reason = "") {
      checkClose(code, reason);
      if (state !== "open") return;
      state = "closing";
      // Started before that of ws, which has the same length, so that it is this one which says why.
      deadline = setTimeout(() => {
        failure = new TransportError("CLOSE_TIMEOUT", `no Close came within ${plan.closeTimeoutMs} ms`);
        socket.terminate();
      }, plan.closeTimeoutMs);
      // The peer's Close lies behind all that was not read.
      socket.resume();
      socket.close(code, reason);
    },
    terminate,
  };

  try {
    sink = accept(connection);
  } catch (error) {
    terminate();
    throw error;
  }
  return connection;
}

function messageOf(data: RawData, isBinary: boolean): Uint8Array | string {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : data;
  if (!isBinary) return (bytes instanceof ArrayBuffer ? Buffer.from(bytes) : bytes).toString();
  // Not the Buffer itself: its slice() does not copy, which would be news to code written for a page.
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function failureOf(cause: Error, plan: DialPlan): TransportError {
  if ("code" in cause && cause.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") {
    return new TransportError("MESSAGE_TOO_LARGE", `a message was longer than ${plan.maxMessageBytes} bytes`);
  }
  return lostError(cause);
}

function lostError(cause: Error | undefined): TransportError {
  if (!cause) return new TransportError("CONNECTION_LOST", "the peer went away without a Close");
  return new TransportError("CONNECTION_LOST", `the connection broke: ${cause.message}`, { cause });
}
