import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ClientError } from "../src/errors.ts";
import { createMachine, type MachineOptions } from "../src/session/machine.ts";
import { createOutput } from "../src/session/output.ts";

const seed = 0x706f64;
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
const hexOf = (data: Uint8Array | string): string =>
  typeof data === "string" ? data : Buffer.from(data).toString("hex");
const marks = { highWaterBytes: 1_000, limitBytes: 4_000 };
const cleanClose = { code: 1000, reason: "", wasClean: true };

/** A machine with its effects written down; `full` makes the transport ask to wait. */
function setup(options: Partial<MachineOptions> = {}) {
  const sent: string[] = [];
  const events: string[] = [];
  const failures: ClientError[] = [];
  const transport = { full: false };
  const timers: (() => void)[] = [];
  const machine = createMachine(
    { protocol: "v5.channel.k8s.io", stdout: true, stderr: true, overflow: "pause", ...marks, ...options },
    {
      send(message) {
        sent.push(hexOf(message));
        return !transport.full;
      },
      pause: () => events.push("pause"),
      resume: () => events.push("resume"),
      later(_ms, callback) {
        timers.push(callback);
        return () => timers.splice(timers.indexOf(callback), 1);
      },
      fail: (error) => failures.push(error),
      statusArrived: () => events.push("status"),
      markerArrived: () => events.push("marker"),
    },
  );
  const stdout = createOutput(machine.stdout);
  const stderr = createOutput(machine.stderr);
  const flood = (channel: 1 | 2, bytes: number): void => {
    const message = new Uint8Array(bytes + 1).fill(0x61);
    message[0] = channel;
    machine.message(message);
  };
  return { machine, stdout, stderr, sent, events, failures, timers, transport, flood };
}

describe("messages in", () => {
  test("go to their channels", async () => {
    const { machine, stdout, stderr } = setup();
    machine.message(hex("01 6f7574"));
    machine.message(hex("02 657272"));
    machine.finish(undefined, undefined);
    expect([await stdout.text(), await stderr.text()]).toEqual(["out", "err"]);
  });

  test("without bytes, with the opening empty payload or on unknown channels are ignored", () => {
    const { machine, failures, events } = setup();
    for (const message of ["", "01", "03", "09 7a", "00 7a", "04 7a", "ff 01", "ff"])
      machine.message(hex(message));
    expect({ failures, events, received: machine.stdout.receivedBytes }).toEqual({
      failures: [],
      events: [],
      received: 0,
    });
  });

  test("on a channel that was not requested are ignored, and the channel has ended", async () => {
    const { machine, stderr } = setup({ stderr: false });
    machine.message(hex("02 7a"));
    expect(await stderr.text()).toBe("");
  });

  test("of text fail a binary protocol, and carry frames on a base64 one", async () => {
    const binary = setup();
    binary.machine.message("1YQ==");
    expect(binary.failures[0]).toMatchObject({ code: "PROTOCOL_ERROR" });
    const base64 = setup({ protocol: "v4.base64.channel.k8s.io" });
    base64.machine.message("1YQ==");
    base64.machine.finish(undefined, undefined);
    expect(await base64.stdout.text()).toBe("a");
    base64.machine.message("1!!!");
    expect(base64.failures[0]).toMatchObject({ code: "PROTOCOL_ERROR" });
  });

  test("with a status in pieces complete it once, and a second status changes nothing", () => {
    const { machine, events } = setup();
    machine.message(hex("03"));
    machine.message(hex("03 7b22737461"));
    expect(events).toEqual([]);
    machine.message(hex("03 747573223a2253756363657373227d"));
    machine.message(hex("03 7b22737461747573223a224661696c757265227d"));
    expect(events).toEqual(["status"]);
    expect(machine.ended(cleanClose).status).toEqual({ status: "Success" });
  });

  test.for([
    // "command terminated with non-zero exit code: error executing command [sh -c exit 7], exit code 7"
    [
      "an exit code at its end",
      "03 636f6d6d616e64207465726d696e617465642077697468206e6f6e2d7a65726f206578697420636f64653a206572726f7220657865637574696e6720636f6d6d616e64205b7368202d63206578697420375d2c206578697420636f64652037",
      {
        status: "Failure",
        message: "command terminated with non-zero exit code: error executing command [...], exit code 7",
        reason: "NonZeroExitCode",
        details: { causes: [{ reason: "ExitCode", message: "7" }] },
      },
    ],
    // "no such file, exit code 7"
    [
      "another failure",
      "03 6e6f20737563682066696c652c206578697420636f64652037",
      { status: "Failure", message: "no such file, exit code 7" },
    ],
    ["nothing, as on success", "03", undefined],
  ] as const)("of v1's channel 3 are text: %s", ([_what, message, status]) => {
    const { machine, events } = setup({ protocol: "channel.k8s.io" });
    machine.message(hex(message));
    expect(events).toEqual(status ? ["status"] : []);
    expect(machine.ended(cleanClose)).toMatchObject({ status, statusError: undefined });
  });

  test("of any bytes at all never throw", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }), (messages) => {
        const { machine } = setup();
        for (const message of messages) machine.message(message);
        machine.ended(cleanClose);
        machine.finish(undefined, undefined);
      }),
      { seed, numRuns: 500 },
    );
  });
});

describe("messages out", () => {
  test("carry stdin in chunks of at most 32 KiB, each behind its channel byte, as views of the caller's bytes", async () => {
    const { machine, sent } = setup();
    await machine.writeStdin(new Uint8Array(70_000).fill(0x61));
    expect(sent.map((message) => [message.slice(0, 2), message.length / 2 - 1])).toEqual([
      ["00", 32_768],
      ["00", 32_768],
      ["00", 4_464],
    ]);
  });

  test("wait for the transport to drain, and a write resolves only then", async () => {
    const { machine, sent, transport } = setup();
    transport.full = true;
    let done = 0;
    const first = machine.writeStdin(hex("61")).then(() => (done += 1));
    const second = machine.writeStdin(hex("62")).then(() => (done += 1));
    await Promise.resolve();
    expect({ sent, done }).toEqual({ sent: ["0061"], done: 0 });
    machine.drain();
    await first;
    expect({ sent, done }).toEqual({ sent: ["0061", "0062"], done: 1 });
    transport.full = false;
    machine.drain();
    await second;
  });

  test("keep stdin, sizes and the half-close in order; of waiting sizes only the last is sent", async () => {
    const { machine, sent, transport } = setup();
    transport.full = true;
    const writes = [
      machine.writeStdin(hex("61")),
      machine.resize({ width: 80, height: 24 }),
      machine.writeStdin(hex("62")),
      machine.resize({ width: 81, height: 25 }),
      machine.closeStdin(),
    ];
    transport.full = false;
    machine.drain();
    await Promise.all(writes);
    expect(sent).toEqual([
      "0061",
      "0062",
      // {"Width":81,"Height":25} and a line feed
      "047b225769647468223a38312c22486569676874223a32357d0a",
      "ff00",
    ]);
  });

  test("of nothing send nothing, which would be a keep-alive", async () => {
    const { machine, sent } = setup();
    await machine.writeStdin(new Uint8Array(0));
    expect(sent).toEqual([]);
  });

  test("that cannot be sent any more reject, waiting ones and later ones", async () => {
    const { machine, transport } = setup();
    transport.full = true;
    const waiting = machine.writeStdin(hex("61"));
    machine.finish(undefined, new Error("over"));
    await expect(waiting).rejects.toThrow("over");
    await expect(machine.writeStdin(hex("62"))).rejects.toThrow("over");
  });

  test("over a connection that has begun to close are SESSION_ENDED, with the transport's error as the cause", async () => {
    const cause = new Error("closing");
    const machine = createMachine(
      { protocol: "v5.channel.k8s.io", stdout: true, stderr: true, overflow: "pause", ...marks },
      {
        send() {
          throw cause;
        },
        pause: () => undefined,
        resume: () => undefined,
        later: () => () => undefined,
        fail: () => undefined,
        statusArrived: () => undefined,
        markerArrived: () => undefined,
      },
    );
    await expect(machine.writeStdin(hex("61"))).rejects.toMatchObject({ code: "SESSION_ENDED", cause });
    expect(machine.stdinBytes).toBe(0);
  });

  test("are counted when the transport has them, and not before", async () => {
    const { machine, transport } = setup();
    transport.full = true;
    const writing = machine.writeStdin(new Uint8Array(70_000));
    expect(machine.stdinBytes).toBe(32_768);
    machine.finish(undefined, new Error("over"));
    await expect(writing).rejects.toThrow("over");
    expect(machine.stdinBytes).toBe(32_768);
  });

  test("refuse sizes outside 1 to 65535", async () => {
    const { machine, sent } = setup();
    for (const width of [0, -1, 65_536, 1.5, Number.NaN]) {
      expect(() => machine.resize({ width, height: 24 })).toThrow(RangeError);
    }
    expect(sent).toEqual([]);
  });
});

describe("flow control", () => {
  test("pauses above the mark when nobody reads and resumes below half of it", async () => {
    const { stdout, events, flood } = setup();
    flood(1, 600);
    flood(1, 600);
    expect(events).toEqual(["pause"]);
    for await (const _ of stdout) break;
    expect(events).toEqual(["pause", "resume"]);
  });

  test("counts bytes of both channels when nobody reads", () => {
    const { events, flood } = setup();
    flood(1, 600);
    flood(2, 600);
    expect(events).toEqual(["pause"]);
  });

  test("lets an unread channel grow while the other one is read, and pauses for the reader that is slow", async () => {
    const { stdout, events, flood, machine } = setup();
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
    const { stdout, stderr, flood, machine, failures } = setup();
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
    const { machine, events, flood, failures } = setup();
    machine.flow.awaitEnd();
    for (let i = 0; i < 100; i += 1) {
      flood(1, 1_000);
      flood(2, 1_000);
    }
    expect({ events, failures }).toEqual({ events: [], failures: [] });
    expect(machine.stdout.discardedBytes + machine.stderr.discardedBytes).toBe(192_000);
  });

  test("asking for the end while paused resumes", () => {
    const { machine, events, flood } = setup();
    flood(1, 1_500);
    machine.flow.awaitEnd();
    expect(events).toEqual(["pause", "resume"]);
  });

  test("waiting for the end does not turn a slow reader's pause off", async () => {
    const { machine, stdout, events, flood } = setup();
    machine.flow.awaitEnd();
    const reader = stdout[Symbol.asyncIterator]();
    const first = reader.next();
    flood(1, 10);
    await first;
    flood(1, 1_500);
    expect(events).toEqual(["pause"]);
  });

  test("fails the session, with the limit, when a reader stopped and its channel is full while others wait", async () => {
    const { machine, stdout, flood, failures } = setup();
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
        const { machine, stdout, stderr, flood, events, failures } = setup();
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
