import { type RecordingVector, recordings } from "@podwire/tools-vectors";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hex } from "../api-server.ts";
import { type Ending, inParallel, type Outcome, openTheatre, type Replay, type Theatre } from "./replay.ts";

// Real sessions, cut behind every byte and in every way: the answer is never a lie, and it always comes.

let theatre: Theatre;
beforeAll(async () => {
  theatre = await openTheatre({ pingAfterMs: 100, silentAfterMs: 200 });
});
afterAll(() => theatre[Symbol.asyncDispose]());

/** A server's frame, cut into opcode and payload. */
function payloadOf(frame: Buffer): Buffer {
  return frame.subarray(frame[1] === 0x7e ? 4 : 2);
}

/** Payloads of a channel, in one. */
function outputOf({ frames }: RecordingVector, channel: 1 | 2): string {
  const text = frames
    .map(hex)
    .map(payloadOf)
    .filter((payload) => payload[0] === channel)
    .map((payload) => payload.toString("latin1", 1))
    .join("");
  return text.replace(/[0-9a-f]{32} .* [0-9a-f]{32}/, "");
}

/** How many bytes it takes to know the end: up to the status, or to both marks. */
function bytesUntilKnown({ frames, marker }: RecordingVector): number {
  let length = 0;
  let known = 0;
  for (const frame of frames.map(hex)) {
    length += frame.length;
    const status = frame[0] === 0x82 && payloadOf(frame)[0] === 3;
    if (marker === undefined ? status : frame.includes(marker)) known = length;
  }
  return known;
}

function check({ recording, ending, cut = 0 }: Replay, { exit, stdout, stderr }: Outcome): void {
  const where = `${recording.id}, ${ending} after ${cut} bytes`;
  const whole = { stdout: outputOf(recording, 1), stderr: outputOf(recording, 2) };
  if (cut >= bytesUntilKnown(recording)) {
    expect(exit, where).toMatchObject(recording.exit);
    expect([stdout.toString(), stderr.toString()], where).toEqual([whole.stdout, whole.stderr]);
    expect(exit.complete, where).toBe(recording.marker === undefined ? "unproven" : "proven");
    return;
  }
  expect(exit.kind, where).toMatch(lost[ending]);
  expect(exit.complete, where).toBe("incomplete");
  // Half a frame takes the Close for its payload, and half a mark is the command's own for all we know.
  if (ending === "Close" || recording.marker !== undefined) return;
  expect(whole.stdout.startsWith(stdout.toString()), where).toBe(true);
  expect(whole.stderr.startsWith(stderr.toString()), where).toBe(true);
}

const lost: Readonly<Record<Ending, RegExp>> = {
  FIN: /^connectionLost$/,
  RST: /^connectionLost$/,
  // Half a frame may swallow the Close, and half a status is none.
  Close: /^(endedWithoutStatus|connectionLost|failed)$/,
  silence: /^(detached|aborted|failed)$/,
};

const cutsOf = (recording: RecordingVector, ending: Ending): Replay[] => {
  const length = recording.frames.join("").length / 2;
  return Array.from({ length: length + 1 }, (_, cut) => ({ recording, ending, cut }));
};

describe.each(["FIN", "RST", "Close"] as const)("cut by %s after every byte,", (ending) => {
  test.for(recordings)("$id", { timeout: 30_000 }, async (recording) => {
    await inParallel(cutsOf(recording, ending), 50, async (replay) => {
      check(replay, await theatre.replay(replay));
    });
  });
});

describe("cut by silence after every byte, and then left, aborted or given up,", () => {
  test.for(recordings)("$id", { timeout: 30_000 }, async (recording) => {
    await inParallel(cutsOf(recording, "silence"), 500, async (replay) => {
      const { cut = 0 } = replay;
      const outcome = await theatre.replay(replay, (session, abort) => {
        // What is known ends by itself, a moment later.
        if (cut >= bytesUntilKnown(recording)) return;
        if (cut % 3 === 0) void session.close();
        if (cut % 3 === 1) abort();
      });
      check(replay, outcome);
    });
  });
});

/** Every bit of every frame's header, and what the frame carries. */
function headerBitsOf({ frames }: RecordingVector) {
  let offset = 0;
  return frames.flatMap((text) => {
    const frame = hex(text);
    const header = frame.length - payloadOf(frame).length;
    const start = offset * 8;
    offset += frame.length;
    const carries = frame[0] === 0x88 ? "Close" : payloadOf(frame)[0] === 3 ? "status" : "output";
    return Array.from({ length: header * 8 }, (_, bit) => ({ flippedBit: start + bit, carries }));
  });
}

describe("with each single bit of a frame header flipped,", () => {
  test.for(recordings)("$id", { timeout: 30_000 }, async (recording) => {
    const whole = [outputOf(recording, 1), outputOf(recording, 2)];
    await inParallel(headerBitsOf(recording), 50, async ({ flippedBit, carries }) => {
      const where = `${recording.id}, bit ${flippedBit}`;
      const { exit, stdout, stderr } = await theatre.replay({ recording, ending: "FIN", flippedBit });
      const read = [stdout.toString(), stderr.toString()];
      const told = exit.kind === recording.exit.kind;
      if (carries === "Close") expect(exit, where).toMatchObject(recording.exit);
      else if (carries === "status" && recording.marker === undefined) expect(told, where).toBe(false);
      if (exit.kind === "exited") expect(exit, where).toMatchObject(recording.exit);
      // A frame that turns into a pong is lost without a trace, which only a verified command can tell.
      if (recording.marker !== undefined && told) expect(read, where).toEqual(whole);
      expect(exit.complete === "proven", where).toBe(recording.marker !== undefined && told);
    });
  });
});
