import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { marks, setupMachine } from "./machines.ts";

const seed = 0x706f64;

describe("flow control", () => {
  test("pauses above the mark when nobody reads and resumes below half of it", async () => {
    const { stdout, events, flood } = setupMachine();
    flood(1, 600);
    flood(1, 600);
    expect(events).toEqual(["pause"]);
    for await (const _ of stdout) break;
    expect(events).toEqual(["pause", "resume"]);
  });

  test("counts bytes of both channels when nobody reads", () => {
    const { events, flood } = setupMachine();
    flood(1, 600);
    flood(2, 600);
    expect(events).toEqual(["pause"]);
  });

  test("lets an unread channel grow while the other one is read, and pauses for the reader that is slow", async () => {
    const { stdout, events, flood, machine } = setupMachine();
    const reader = stdout[Symbol.asyncIterator]();
    const pending = reader.next();
    flood(2, 1_500);
    flood(2, 1_500);
    expect(events).toEqual([]);
    flood(1, 10);
    await pending;
    flood(1, 1_200);
    expect(events).toEqual(["pause"]);
    expect(machine.stderr.queuedBytes).toBe(3_000);
  });

  test("reads one channel to its end whatever comes on the other, which is discarded beyond its limit and counted", async () => {
    const { stdout, stderr, flood, machine, failures } = setupMachine();
    const reading = stdout.bytes();
    for (let i = 0; i < 100; i += 1) {
      flood(2, 1_000);
      flood(1, 10);
    }
    machine.finish(undefined, undefined);
    expect((await reading).byteLength).toBe(1_000);
    expect(failures).toEqual([]);
    expect(machine.stderr.discardedBytes).toBe(96_000);
    await expect(stderr.text()).rejects.toThrow(/^96000 bytes of stderr were discarded/);
  });

  test("waiting for the end needs no reader", () => {
    const { machine, events, flood, failures } = setupMachine();
    machine.flow.awaitEnd();
    for (let i = 0; i < 100; i += 1) {
      flood(1, 1_000);
      flood(2, 1_000);
    }
    expect({ events, failures }).toEqual({ events: [], failures: [] });
    expect(machine.stdout.discardedBytes + machine.stderr.discardedBytes).toBe(192_000);
  });

  test("asking for the end while paused resumes", () => {
    const { machine, events, flood } = setupMachine();
    flood(1, 1_500);
    machine.flow.awaitEnd();
    expect(events).toEqual(["pause", "resume"]);
  });

  test("waiting for the end does not turn a slow reader's pause off", async () => {
    const { machine, stdout, events, flood } = setupMachine();
    machine.flow.awaitEnd();
    const reader = stdout[Symbol.asyncIterator]();
    const first = reader.next();
    flood(1, 10);
    await first;
    flood(1, 1_500);
    expect(events).toEqual(["pause"]);
  });

  test("fails the session, with the limit, when a reader stopped and its channel is full while others wait", async () => {
    const { machine, stdout, flood, failures } = setupMachine();
    flood(1, 1);
    for await (const _ of stdout) break;
    machine.flow.awaitEnd();
    for (let i = 0; i < 5; i += 1) flood(1, 1_000);
    expect(failures[0]).toMatchObject({ code: "LIMIT_EXCEEDED" });
    expect(failures[0]?.message).toContain("4000");
  });

  test("never holds more than its limits, and loses nothing it does not count, in any order of events", async () => {
    const step = fc.oneof(
      fc.record({
        op: fc.constant("flood" as const),
        channel: fc.constantFrom(1 as const, 2 as const),
        bytes: fc.integer({ min: 1, max: 900 }),
      }),
      fc.record({ op: fc.constantFrom("readOut" as const, "readErr" as const, "awaitEnd" as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const { machine, stdout, stderr, flood, events, failures } = setupMachine();
        const taken = { stdout: 0, stderr: 0 };
        let paused = false;
        for (const one of steps) {
          if (one.op === "flood") {
            // A paused transport delivers no more.
            if (!paused && failures.length === 0) flood(one.channel, one.bytes);
          } else if (one.op === "awaitEnd") machine.flow.awaitEnd();
          else {
            const [name, output] =
              one.op === "readOut" ? (["stdout", stdout] as const) : (["stderr", stderr] as const);
            if (machine[name].queuedBytes === 0) continue;
            try {
              for await (const chunk of output) {
                taken[name] += chunk.byteLength;
                break;
              }
            } catch {
              // The counted gap.
            }
          }
          paused = events.at(-1) === "pause";
          for (const name of ["stdout", "stderr"] as const) {
            const channel = machine[name];
            expect(channel.queuedBytes).toBeLessThanOrEqual(marks.limitBytes);
            if (failures.length === 0) {
              expect(channel.receivedBytes).toBe(taken[name] + channel.queuedBytes + channel.discardedBytes);
            }
          }
        }
      }),
      { seed, numRuns: 300 },
    );
  });
});
