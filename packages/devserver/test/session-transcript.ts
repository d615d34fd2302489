import type { Duplex } from "node:stream";
import { joinedFrames, rawFramesOf } from "./raw-frames.ts";

/** One frame that a client sends, or only what it waits for. */
export interface Step {
  /** Is in what the server has said by then. */
  readonly after: string;
  /** As it is sent, in hex, masked with zeros. */
  readonly frame?: string;
}

/** A session that is open, before its end. */
export interface OpenSession {
  readonly socket: Duplex;
  /** What came in the same packet as the answer. */
  readonly head: Buffer;
  readonly steps: readonly Step[];
  /** Takes what differs from run to run out of a text. */
  readonly said: (text: string) => string;
  /** Called when all steps are done. */
  readonly done: () => void;
}

/**
 * Takes every step, reads to the end of the connection, and gives all frames of the server: the first byte of each and
 * its payload, that of base64 decoded. Rejects when the end comes before the last step.
 */
export async function playedSession(session: OpenSession): Promise<readonly string[]> {
  const { socket, steps, done } = session;
  let bytes = session.head;
  let taken = 0;
  const frames = (): readonly string[] =>
    joinedFrames(rawFramesOf(bytes)).map(({ opcode, payload }) =>
      session.said(visible(Buffer.from([opcode, ...payload]))),
    );
  const step = (): void => {
    const text = frames().join("\n");
    for (const { after, frame = "" } of steps.slice(taken)) {
      if (!text.includes(after)) return;
      taken += 1;
      socket.write(Buffer.from(frame.replaceAll(" ", ""), "hex"));
    }
    done();
  };
  step();
  for await (const chunk of socket) {
    bytes = Buffer.concat([bytes, chunk]);
    step();
  }
  const missing = steps[taken];
  if (missing) throw new Error(`the session ended before ${missing.after}: ${frames().join(" ")}`);
  return frames();
}

/** Bytes that are no ASCII as `\x00`. */
export function visible(bytes: Buffer): string {
  return [...bytes]
    .map((byte) =>
      byte < 0x20 || byte > 0x7e ? `\\x${byte.toString(16).padStart(2, "0")}` : String.fromCharCode(byte),
    )
    .join("");
}
