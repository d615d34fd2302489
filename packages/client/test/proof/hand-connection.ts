import { type CloseInfo, type Connection, type Sink, TransportError } from "@podwire/transport";

/** A connection whose peer is the test: it delivers in order, not while paused, and writes down what it is asked. */
export interface HandConnection extends Connection {
  sink: Sink | undefined;
  /** Whether `send` answers "enough". */
  full: boolean;
  readonly sent: Uint8Array[];
  readonly pings: number;
  /** What nobody who holds a connection may do. */
  readonly violations: readonly string[];
  readonly open: boolean;
  /** A message from the peer; it waits while paused. */
  deliver(message: Uint8Array): void;
  /** The peer's end, behind all of its messages; without a code it just goes away. */
  end(code?: number): void;
  /** The transport could write everything. */
  drained(): void;
}

type Arrival = { readonly message: Uint8Array } | { readonly close: CloseInfo };

export function createHandConnection(protocol: string): HandConnection {
  const arrivals: Arrival[] = [];
  const violations: string[] = [];
  const sent: Uint8Array[] = [];
  let state: "open" | "closing" | "ended" = "open";
  let paused = false;
  let pings = 0;
  let blocked = false;
  let flushing = false;
  /** Whether the sink knows of the end. */
  let over = false;

  const finish = (info: CloseInfo): void => {
    if (state === "ended") return;
    state = "ended";
    // As transports do: whoever terminates may stand in a call of the sink.
    queueMicrotask(() => {
      over = true;
      connection.sink?.close(info);
    });
  };
  const flush = (): void => {
    if (flushing) return;
    flushing = true;
    while (!paused && state !== "ended") {
      const arrival = arrivals.shift();
      if (!arrival) break;
      if ("close" in arrival) finish(arrival.close);
      else if (state === "open") connection.sink?.message(arrival.message);
    }
    flushing = false;
  };

  const connection: HandConnection = {
    sink: undefined,
    full: false,
    sent,
    violations,
    protocol,
    capabilities: { readBackpressure: true, headers: true, tls: true, handshakeError: "full", ping: true },
    get pings() {
      return pings;
    },
    get open() {
      return state === "open";
    },
    get bufferedAmount() {
      return blocked ? 1 : 0;
    },
    send(data) {
      if (state !== "open") throw new TransportError("NOT_OPEN", "the connection is closing or closed");
      sent.push(typeof data === "string" ? new TextEncoder().encode(data) : data.slice());
      blocked ||= connection.full;
      return !connection.full;
    },
    pause() {
      if (paused) violations.push("paused twice");
      if (over) violations.push("paused after the end");
      paused = true;
    },
    resume() {
      if (!paused && state === "open") violations.push("resumed without a pause");
      paused = false;
      // Later, as a socket would.
      queueMicrotask(flush);
    },
    ping() {
      if (state !== "open") violations.push("pinged after the end");
      if (paused) violations.push("pinged while paused");
      if (blocked) violations.push("pinged while writes do not drain");
      pings += 1;
      connection.sink?.pong?.();
    },
    close() {
      if (state !== "open") return;
      state = "closing";
      paused = false;
      arrivals.push({ close: { code: 1000, reason: "", wasClean: true } });
      queueMicrotask(flush);
    },
    terminate: () => finish({ code: 1006, reason: "", wasClean: false }),
    deliver(message) {
      arrivals.push({ message });
      flush();
    },
    end(code) {
      arrivals.push({ close: { code: code ?? 1006, reason: "", wasClean: code !== undefined } });
      flush();
    },
    drained() {
      connection.full = false;
      if (!blocked || state !== "open") return;
      blocked = false;
      connection.sink?.drain?.();
    },
  };
  return connection;
}
