import type { Accept, Capabilities, CloseInfo, Connection, Sink } from "./connection.ts";
import { TransportError, type TransportErrorCode } from "./errors.ts";
import { createInbox } from "./inbox.ts";
import { byteLengthOf, checkMessage, messageOf } from "./message.ts";
import { checkClose, type DialPlan } from "./options.ts";
import type { WebSocketShape } from "./web-socket.ts";

/** Nobody waits for a Close then, so nothing is lost when the platform has no way but to send one. */
export function drop(socket: WebSocketShape): void {
  if (socket.terminate) socket.terminate();
  else socket.close();
}

/** Makes a connection of an open W3C WebSocket; to be called from its open event. */
export function acceptWebSocket(
  socket: WebSocketShape,
  accept: Accept,
  plan: DialPlan,
  abilities?: Partial<Capabilities>,
): Connection {
  const { receiveBufferLimitBytes, sendMarkBytes, signal } = plan;
  const readBackpressure = !!(socket.pause && socket.resume);
  let state: "open" | "closing" | "ended" = "open";
  let sink: Sink | undefined;
  let failure: TransportError | undefined;
  let deadline: ReturnType<typeof setTimeout> | undefined;
  let poll: ReturnType<typeof setTimeout> | undefined;
  let blocked = false;
  let stopped = false;
  let stopBytes = receiveBufferLimitBytes / 8;

  const inbox = createInbox({
    // A peer that is stopped has sent one read buffer more, and at most one message that ends there.
    limitBytes: readBackpressure ? Number.POSITIVE_INFINITY : receiveBufferLimitBytes,
    deliver(message) {
      call(() => sink?.message(message));
      throttle();
    },
    end: (info) => sink?.close(info),
  });

  /**
   * Stops the peer at an eighth of the room, and until all that is kept has been read; who does read that is given twice
   * as much the next time, up to half. Chromium drops up to 128 KiB of a WebSocketStream that is not being read when the
   * connection ends, so stops have to be few; and both systems hold megabytes of what nobody reads, whatever we do.
   */
  function throttle(): void {
    if (stopped ? inbox.keptBytes > 0 : inbox.keptBytes < stopBytes) return;
    stopped = !stopped;
    if (stopped) {
      socket.pause?.();
    } else {
      stopBytes = Math.min(stopBytes * 2, receiveBufferLimitBytes / 2);
      socket.resume?.();
    }
  }

  /** The socket is done: the sink hears so after what it has not read yet. */
  function end(info: CloseInfo): void {
    if (state === "ended") return;
    state = "ended";
    clearTimeout(deadline);
    clearTimeout(poll);
    signal?.removeEventListener("abort", terminate);
    socket.onopen = socket.onmessage = socket.onclose = null;
    inbox.end(failure ? { ...info, error: failure } : info);
  }

  function terminate(): void {
    inbox.discard();
    drop(socket);
    end({ code: 1006, reason: "", wasClean: false });
  }

  function call(listener: () => void): void {
    try {
      listener();
    } catch (cause) {
      failure = new TransportError("CONNECTION_LOST", "its listener threw", { cause });
      terminate();
    }
  }

  function startClose(code: number, reason: string): void {
    state = "closing";
    clearTimeout(poll);
    // Pages wait a minute for a peer that does not answer.
    deadline = setTimeout(() => {
      const message = `no Close after ${plan.closeTimeoutMs} ms`;
      failure ??= new TransportError("CLOSE_TIMEOUT", message);
      socket.terminate?.();
      end({ code: 1006, reason: "", wasClean: false });
    }, plan.closeTimeoutMs);
    // The peer's Close lies behind all that was not read.
    socket.resume?.();
    socket.close(code, reason);
  }

  /** With a private code (RFC 6455 7.4.2), because a page may not send 1003, 1008 and 1009. */
  function fail(closeCode: number, code: TransportErrorCode, message: string): void {
    failure = new TransportError(code, message);
    startClose(closeCode, "");
  }

  function onWritten(): void {
    if (!blocked || state !== "open" || socket.bufferedAmount >= sendMarkBytes / 2) return;
    blocked = false;
    call(() => sink?.drain?.());
  }

  /** The one way to learn that a page's WebSocket has written; runs only while a writer waits. */
  function pollUntilDrained(delayMs: number): void {
    poll = setTimeout(() => {
      if (socket.bufferedAmount < sendMarkBytes / 2) onWritten();
      else pollUntilDrained(Math.min(delayMs * 2, 50));
    }, delayMs);
  }

  socket.onmessage = (event: { readonly data: unknown }) => {
    if (state !== "open") return;
    const message = messageOf(event.data);
    if (message === undefined) {
      return fail(4003, "CONNECTION_LOST", "a message of an unknown kind came");
    }
    const byteLength = byteLengthOf(message);
    if (byteLength > plan.maxMessageBytes) {
      const text = `a message of more than ${plan.maxMessageBytes} bytes came`;
      return fail(4009, "MESSAGE_TOO_LARGE", text);
    }
    if (!inbox.push(message, byteLength)) {
      const text = `more than ${receiveBufferLimitBytes} bytes were kept while paused`;
      return fail(4008, "RECEIVE_OVERFLOW", text);
    }
    throttle();
  };
  // What went wrong shows in the close event; ws throws errors that nobody listens to.
  socket.onerror = () => undefined;
  socket.onclose = (event: Pick<CloseEvent, "code" | "reason" | "wasClean">) => {
    // Deno says 0 where RFC 6455 7.1.5 says 1006.
    const code = event.code === 0 ? 1006 : event.code;
    const wasClean = event.wasClean && code !== 1006;
    // Who waits for it would otherwise not know that all was written, only because nobody has looked again.
    if (wasClean && socket.bufferedAmount === 0) onWritten();
    if (!wasClean) {
      const text = code === 1006 ? "the peer left without a Close" : "the peer's last messages may be lost";
      failure ??= new TransportError("CONNECTION_LOST", text);
    }
    end({ code, reason: event.reason, wasClean });
  };
  const tellsDrain = socket.ondrain !== undefined;
  if (tellsDrain) socket.ondrain = onWritten;
  signal?.addEventListener("abort", terminate, { once: true });

  const connection: Connection = {
    protocol: socket.protocol,
    capabilities: {
      readBackpressure,
      headers: false,
      tls: false,
      handshakeError: "none",
      ping: false,
      ...abilities,
    },
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
    send(data) {
      checkMessage(data);
      // The platform drops what is sent once it has seen a Close, before it says so.
      if (state !== "open" || socket.readyState !== 1) {
        throw new TransportError("NOT_OPEN", "the connection is closed");
      }
      socket.send(data);
      if (socket.bufferedAmount < sendMarkBytes) return true;
      if (!blocked && !tellsDrain) pollUntilDrained(1);
      blocked = true;
      return false;
    },
    pause: inbox.pause,
    resume: inbox.resume,
    close(code = 1000, reason = "") {
      checkClose(code, reason);
      inbox.discard();
      if (state === "open") startClose(code, reason);
    },
    terminate() {
      if (state === "ended") inbox.discard();
      else terminate();
    },
  };

  try {
    sink = accept(connection);
  } catch (error) {
    terminate();
    throw error;
  }
  return connection;
}
