import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createMachine } from "../src/session/machine.ts";
import { marks, setupMachine } from "./machines.ts";

const seed = 0x706f64;
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
const cleanClose = { code: 1000, reason: "", wasClean: true };

describe("messages in", () => {
  test("go to their channels", async () => {
    const { machine, stdout, stderr } = setupMachine();
    machine.message(hex("01 6f7574"));
    machine.message(hex("02 657272"));
    machine.finish(undefined, undefined);
    expect([await stdout.text(), await stderr.text()]).toEqual(["out", "err"]);
  });

  test("without bytes, with the opening empty payload or on unknown channels are ignored", () => {
    const { machine, failures, events } = setupMachine();
    for (const message of ["", "01", "03", "09 7a", "00 7a", "04 7a", "ff 01", "ff"])
      machine.message(hex(message));
    expect({ failures, events, received: machine.stdout.receivedBytes }).toEqual({
      failures: [],
      events: [],
      received: 0,
    });
  });

  test("on a channel that was not requested are ignored, and the channel has ended", async () => {
    const { machine, stderr } = setupMachine({ stderr: false });
    machine.message(hex("02 7a"));
    expect(await stderr.text()).toBe("");
  });

  test("of text fail a binary protocol, and carry frames on a base64 one", async () => {
    const binary = setupMachine();
    binary.machine.message("1YQ==");
    expect(binary.failures[0]).toMatchObject({ code: "PROTOCOL_ERROR" });
    const base64 = setupMachine({ protocol: "v4.base64.channel.k8s.io" });
    base64.machine.message("1YQ==");
    base64.machine.finish(undefined, undefined);
    expect(await base64.stdout.text()).toBe("a");
    base64.machine.message("1!!!");
    expect(base64.failures[0]).toMatchObject({ code: "PROTOCOL_ERROR" });
  });

  test("with a status in pieces complete it once, and a second status changes nothing", () => {
    const { machine, events } = setupMachine();
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
    const { machine, events } = setupMachine({ protocol: "channel.k8s.io" });
    machine.message(hex(message));
    expect(events).toEqual(status ? ["status"] : []);
    expect(machine.ended(cleanClose)).toMatchObject({ status, statusError: undefined });
  });

  test("of any bytes at all never throw", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }), (messages) => {
        const { machine } = setupMachine();
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
    const { machine, sent } = setupMachine();
    await machine.writeStdin(new Uint8Array(70_000).fill(0x61));
    expect(sent.map((message) => [message.slice(0, 2), message.length / 2 - 1])).toEqual([
      ["00", 32_768],
      ["00", 32_768],
      ["00", 4_464],
    ]);
  });

  test("wait for the transport to drain, and a write resolves only then", async () => {
    const { machine, sent, transport } = setupMachine();
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
    const { machine, sent, transport } = setupMachine();
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
    const { machine, sent } = setupMachine();
    await machine.writeStdin(new Uint8Array(0));
    expect(sent).toEqual([]);
  });

  test("that cannot be sent any more reject, waiting ones and later ones", async () => {
    const { machine, transport } = setupMachine();
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
    const { machine, transport } = setupMachine();
    transport.full = true;
    const writing = machine.writeStdin(new Uint8Array(70_000));
    expect(machine.stdinBytes).toBe(32_768);
    machine.finish(undefined, new Error("over"));
    await expect(writing).rejects.toThrow("over");
    expect(machine.stdinBytes).toBe(32_768);
  });

  test("refuse sizes outside 1 to 65535", async () => {
    const { machine, sent } = setupMachine();
    for (const width of [0, -1, 65_536, 1.5, Number.NaN]) {
      expect(() => machine.resize({ width, height: 24 })).toThrow(RangeError);
    }
    expect(sent).toEqual([]);
  });
});
