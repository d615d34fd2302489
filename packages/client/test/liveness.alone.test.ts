import { expect, test } from "vitest";
import type { ClientError } from "../src/errors.ts";
import { type Liveness, type LivenessOptions, startLiveness } from "../src/session/liveness.ts";

interface Watched {
  readonly liveness: Liveness;
  /** What was written, and what of it has not left. */
  readonly written: { stdinBytes: number; bufferedAmount: number };
  /** What was done to the connection, one word each. */
  readonly done: string[];
  /** Lets time pass; `late` is a program that was busy meanwhile, whose timers all run at its end. */
  pass(ms: number, how?: "late"): void;
}

/** A connection that is watched by a clock of the test's own. */
function watch(options: LivenessOptions): Watched {
  const done: string[] = [];
  const written = { stdinBytes: 0, bufferedAmount: 0 };
  let now = 0;
  let timer: { readonly at: number; readonly callback: () => void } | undefined;
  const liveness = startLiveness(options, {
    ping: () => void done.push("ping"),
    keepAlive: () => void done.push("keepAlive"),
    now: () => now,
    later(ms, callback) {
      const set = { at: now + ms, callback };
      timer = set;
      return () => {
        if (timer === set) timer = undefined;
      };
    },
    fail: ({ code }: ClientError) => void done.push(code),
    paused: () => false,
    stdinBytes: () => written.stdinBytes,
    bufferedAmount: () => written.bufferedAmount,
  });
  return {
    liveness,
    done,
    written,
    pass(ms, how) {
      const end = now + ms;
      if (how === "late") now = end;
      for (let due = timer; due && due.at <= end; due = timer) {
        now = Math.max(now, due.at);
        timer = undefined;
        due.callback();
      }
      now = end;
    },
  };
}

test("silence is answered with a ping, and silence in spite of pings is the end", () => {
  const { liveness, done, pass } = watch({ pingAfterMs: 1_000, silentAfterMs: 5_000 });
  liveness.heard();
  pass(4_000);
  expect(done).toContain("ping");
  liveness.heard();
  pass(5_000);
  expect(done).not.toContain("PEER_SILENT");
  pass(10_000);
  expect(done.at(-1)).toBe("PEER_SILENT");
});

test("what comes while the program is busy is heard before anything is sent", () => {
  const { liveness, done, pass } = watch({
    pingAfterMs: 1_000,
    silentAfterMs: 5_000,
    keepAliveAfterMs: 2_000,
  });
  pass(1_100);
  for (let time = 0; time < 10; time += 1) {
    // Timers run before sockets are read: the message is there, and only then heard.
    pass(60_000, "late");
    liveness.heard();
    pass(500);
  }
  expect(done).toEqual([]);
});

const impatient: LivenessOptions = { stdinStalledAfterMs: 1_000 };

test("what is written just before a look has its own time to leave", () => {
  const { done, written, pass } = watch(impatient);
  pass(999);
  Object.assign(written, { stdinBytes: 65_536, bufferedAmount: 65_536 });
  pass(900);
  expect(done).toEqual([]);
  pass(2_000);
  expect(done).toEqual(["STDIN_STALLED"]);
});

test("what leaves while as much comes behind it is not stalled, until nothing leaves any more", () => {
  const { done, written, pass } = watch(impatient);
  written.bufferedAmount = 1_048_576;
  for (let time = 0; time < 100; time += 1) {
    written.stdinBytes += 65_536;
    pass(300);
  }
  expect(done).toEqual([]);
  pass(3_000);
  expect(done).toEqual(["STDIN_STALLED"]);
});

test("what could not leave while the program was busy leaves before anything is stalled", () => {
  const { done, written, pass } = watch(impatient);
  Object.assign(written, { stdinBytes: 65_536, bufferedAmount: 65_536 });
  pass(1_000);
  for (let time = 0; time < 10; time += 1) {
    // Timers run before sockets are written.
    pass(60_000, "late");
    written.bufferedAmount -= 1_024;
    pass(500);
  }
  expect(done).toEqual([]);
});
