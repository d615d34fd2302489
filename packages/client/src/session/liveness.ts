import { ClientError } from "../errors.ts";

/** How a session finds out that nobody is there any more, and keeps those in between from thinking so of it. */
export interface LivenessOptions {
  /** Silence after which the server is pinged, where the platform can ping; 25 seconds by default. */
  readonly pingAfterMs?: number;
  /** Silence, in spite of pings, after which the connection counts as lost (`PEER_SILENT`); 60 seconds by default. */
  readonly silentAfterMs?: number;
  /**
   * Silence after which an empty stdin message is sent, which servers with an idle limit (4 hours) take for life,
   * as they do not take pings; 15 minutes by default, and 45 seconds where the platform cannot ping.
   */
  readonly keepAliveAfterMs?: number;
  /** Time in which what was written must begin to leave (`STDIN_STALLED`); no limit by default. */
  readonly stdinStalledAfterMs?: number;
}

export interface LivenessEffects {
  /** Undefined where the platform cannot ping. */
  readonly ping: (() => void) | undefined;
  keepAlive(): void;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  later(ms: number, callback: () => void): () => void;
  fail(error: ClientError): void;
  /** Whether we do not read, so that silence says nothing. */
  paused(): boolean;
  /** Bytes of stdin that the transport was given. */
  stdinBytes(): number;
  /** Bytes that the transport has not yet been able to write. */
  bufferedAmount(): number;
}

/**
 * After this moment what had come has been read too. A program that was busy hears what waits for it only then, and a
 * ping to a server that has just ended makes the kernel throw away whatever was not read yet.
 */
const lookAgainMs = 20;

/** Watches one connection, with one timer and nothing to do for a message but a note. */
export interface Liveness {
  /** A message came, which counts against every limit of silence. */
  heard(): void;
  /** A pong came: the peer lives, but servers with an idle limit do not count pings and pongs. */
  ponged(): void;
  /** Nothing is to be watched any more: the status or the end has come. */
  stop(): void;
}

export function startLiveness(options: LivenessOptions | false, effects: LivenessEffects): Liveness {
  if (options === false) return { heard: () => {}, ponged: () => {}, stop: () => {} };
  const { ping } = effects;
  const { pingAfterMs = 25_000, silentAfterMs = 60_000 } = options;
  const { keepAliveAfterMs = ping ? 900_000 : 45_000, stdinStalledAfterMs } = options;
  const tickMs = Math.min(pingAfterMs, silentAfterMs, keepAliveAfterMs, stdinStalledAfterMs ?? Infinity);
  let heard = true;
  let messaged = true;
  let heardAt = effects.now();
  let keptAliveAt = heardAt;
  let pinged = false;
  /** What had left when something last did. */
  let leftBytes = 0;
  /** Whether bytes waited at the last look. */
  let waited = false;
  let drainedAt = heardAt;

  const tick = (): void => {
    cancel = effects.later(tickMs, tick);
    const leaves = noteDrain();
    const lives = noteLife();
    if (leaves && lives) return;
    cancel();
    cancel = effects.later(lookAgainMs, judge);
  };
  /** Whether what was written leaves, or has not had the time to. */
  const noteDrain = (): boolean => {
    const buffered = effects.bufferedAmount();
    const left = effects.stdinBytes() - buffered;
    // Others may wait in their place, so what counts is how many have left; and those that wait for the first time
    // may have come a moment ago.
    if (buffered === 0 || !waited || left > leftBytes) {
      drainedAt = effects.now();
      leftBytes = left;
    }
    waited = buffered > 0;
    return stdinStalledAfterMs === undefined || effects.now() - drainedAt < stdinStalledAfterMs;
  };
  /** Whether the time of silence begins anew. */
  const noteLife = (): boolean => {
    // A server that cannot hand on our bytes reads no pings either, and one we do not read cannot be heard.
    if (!heard && !effects.paused() && effects.bufferedAmount() === 0) return false;
    heardAt = effects.now();
    if (messaged) keptAliveAt = heardAt;
    heard = false;
    messaged = false;
    pinged = false;
    return true;
  };
  const judge = (): void => {
    cancel = effects.later(tickMs, tick);
    if (!noteDrain()) {
      const unsentBytes = effects.bufferedAmount();
      const stalledMs = effects.now() - drainedAt;
      fail(
        "STDIN_STALLED",
        `nothing of ${unsentBytes} written bytes could be sent for ${stalledMs} ms: the process does not read its stdin, or the server does not`,
      );
      return;
    }
    if (noteLife()) return;
    const now = effects.now();
    const silentMs = now - heardAt;
    if (pinged && silentMs >= silentAfterMs) {
      fail("PEER_SILENT", `nothing came from the server for ${silentMs} ms, not even an answer to a ping`);
      return;
    }
    if (ping && silentMs >= pingAfterMs) {
      pinged = true;
      ping();
    }
    if (now - keptAliveAt >= keepAliveAfterMs) {
      keptAliveAt = now;
      effects.keepAlive();
    }
  };
  const fail = (code: "PEER_SILENT" | "STDIN_STALLED", message: string): void => {
    cancel();
    effects.fail(new ClientError(code, message));
  };

  let cancel = effects.later(tickMs, tick);
  return {
    heard() {
      heard = true;
      messaged = true;
    },
    ponged() {
      heard = true;
    },
    stop: () => cancel(),
  };
}
