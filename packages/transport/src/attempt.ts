import type { Connection } from "./connection.ts";
import { TransportError } from "./errors.ts";
import type { DialPlan } from "./options.ts";

/** One handshake: settled once, by its adapter, by the deadline or by the caller's signal. */
export interface Attempt {
  readonly promise: Promise<Connection>;
  readonly settled: boolean;
  succeed(connection: Connection): void;
  /** Abandons the handshake and rejects. */
  fail(reason: unknown): void;
  /** To be cleared by an adapter that keeps its own, shorter one once the server has answered. */
  readonly deadline: ReturnType<typeof setTimeout>;
}

/** Starts the clock of a handshake; `abandon` drops whatever the adapter has open. */
export function beginAttempt(plan: DialPlan, abandon: () => void): Attempt {
  const { signal, handshakeTimeoutMs } = plan;
  let resolve: (connection: Connection) => void;
  let reject: (reason: unknown) => void;
  const promise = new Promise<Connection>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  const deadline = setTimeout(() => {
    fail(new TransportError("HANDSHAKE_TIMEOUT", `no WebSocket after ${handshakeTimeoutMs} ms`));
  }, handshakeTimeoutMs);
  const onAbort = () => fail(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });

  function settle(): boolean {
    if (attempt.settled) return false;
    attempt.settled = true;
    clearTimeout(deadline);
    signal?.removeEventListener("abort", onAbort);
    return true;
  }

  function fail(reason: unknown): void {
    if (!settle()) return;
    reject(reason);
    abandon();
  }

  const attempt = {
    promise,
    settled: false,
    succeed(connection: Connection) {
      if (settle()) resolve(connection);
    },
    fail,
    deadline,
  };
  return attempt;
}
