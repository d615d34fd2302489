import { Channel, decodeFrame, decodeStatus, type Status } from "@podwire/codec";
import type { Sink } from "@podwire/transport";
import type { Deadline } from "../deadline.ts";
import type { ClientError } from "../errors.ts";
import { afterReading, later } from "../later.ts";
import { createDeferred } from "../session/deferred.ts";
import { statusRefusal } from "./refusal.ts";

/** A sink that hears what its session hears, and whether that begins with the opening taken back. */
export interface FirstWord {
  readonly sink: Sink;
  /** The refusal, when it is the first that the server says and comes in time. */
  refusal(waitMs: number, deadline: Deadline): Promise<ClientError | undefined>;
}

/**
 * Listens to the beginning of a session over v5: API servers that translate it themselves (1.30 to 1.35) answer 101
 * before they ask the kubelet, and put its refusal into a Status behind that.
 */
export function listenToFirstWord(session: Sink): FirstWord {
  const heard = createDeferred<ClientError | undefined>();
  let listening = true;
  const hear = (refusal: ClientError | undefined): void => {
    listening = false;
    heard.resolve(refusal);
  };
  return {
    sink: {
      message(data) {
        if (listening && typeof data !== "string" && data.byteLength > 1) hear(refusalIn(data));
        session.message(data);
      },
      drain: () => session.drain?.(),
      pong: () => session.pong?.(),
      close(info) {
        hear(undefined);
        session.close(info);
      },
    },
    async refusal(waitMs, deadline) {
      const wait = waitMs > 0 ? afterReading : later;
      const cancel = wait(waitMs, () => hear(undefined));
      try {
        return await deadline.race(() => heard.promise);
      } finally {
        cancel();
      }
    },
  };
}

/** The refusal that a binary message is, if it is one. */
export function refusalIn(message: Uint8Array): ClientError | undefined {
  try {
    const { channel, payload } = decodeFrame(message);
    const status: Status | undefined = channel === Channel.Error ? decodeStatus(payload) : undefined;
    return status && statusRefusal(status);
  } catch {
    // The session says what is wrong with it.
    return undefined;
  }
}
