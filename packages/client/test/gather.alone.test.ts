import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createMachine } from "../src/session/machine.ts";

const seed = 0x706f64;
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));

/** A machine and the messages that it sent, in hex. */
function setup() {
  const sent: string[] = [];
  const transport = { full: false };
  const machine = createMachine(
    {
      protocol: "v5.channel.k8s.io",
      stdout: true,
      stderr: true,
      overflow: "pause",
      highWaterBytes: 1_000,
      limitBytes: 4_000,
    },
    {
      send(message) {
        sent.push(Buffer.from(message).toString("hex"));
        return !transport.full;
      },
      pause() {},
      resume() {},
      later: () => () => {},
      fail() {},
      statusArrived() {},
      markerArrived() {},
    },
  );
  return { machine, sent, transport };
}

/** Long enough for every microtask. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("small writes in a row", () => {
  test("go out as the first one, at once, and the others together, whether they are awaited or not", async () => {
    const { machine, sent } = setup();
    await machine.writeStdin(hex("61"));
    expect(sent).toEqual(["0061"]);
    await machine.writeStdin(hex("62"));
    void machine.writeStdin(hex("63"));
    await machine.writeStdin(hex("64"));
    await turn();
    expect(sent).toEqual(["0061", "00626364"]);
  });

  test("are sent in the same turn of the event loop, without a timer", async () => {
    const { machine, sent } = setup();
    void machine.writeStdin(hex("61"));
    void machine.writeStdin(hex("62"));
    await new Promise<void>((resolve) => process.nextTick(resolve));
    for (let microtask = 0; microtask < 20; microtask += 1) await Promise.resolve();
    expect(sent).toEqual(["0061", "0062"]);
  });

  test("are the caller's again when the write has resolved", async () => {
    const { machine, sent } = setup();
    const bytes = hex("61");
    for (let write = 0; write < 3; write += 1) {
      bytes[0] = 0x61 + write;
      await machine.writeStdin(bytes);
    }
    await turn();
    expect(sent).toEqual(["0061", "006263"]);
  });

  test("that are apart go out at once, each of them", async () => {
    const { machine, sent } = setup();
    for (const byte of ["61", "62", "63"]) {
      await machine.writeStdin(hex(byte));
      await turn();
    }
    expect(sent).toEqual(["0061", "0062", "0063"]);
  });

  test("make messages of at most 32 KiB", async () => {
    const { machine, sent } = setup();
    for (let write = 0; write < 100; write += 1) await machine.writeStdin(new Uint8Array(1_000).fill(write));
    await turn();
    const sizes = sent.map((message) => message.length / 2 - 1);
    expect(sizes).toEqual([1_000, 32_000, 32_000, 32_000, 3_000]);
  });

  test.for([
    ["a size", "04", ({ machine }) => machine.resize({ width: 80, height: 24 })],
    ["the half-close", "ff00", ({ machine }) => machine.closeStdin()],
    ["a keep-alive", "00", ({ machine }) => machine.sendAside(new Uint8Array(0))],
    ["a large write", "0064", ({ machine }) => machine.writeStdin(new Uint8Array(10_000).fill(0x64))],
  ] satisfies [string, string, (peer: ReturnType<typeof setup>) => Promise<void>][])(
    "go before %s",
    async ([_what, begins, send]) => {
      const peer = setup();
      void peer.machine.writeStdin(hex("61"));
      void peer.machine.writeStdin(hex("62"));
      void peer.machine.writeStdin(hex("63"));
      await send(peer);
      expect(peer.sent.slice(0, 2)).toEqual(["0061", "006263"]);
      expect(peer.sent[2]?.startsWith(begins)).toBe(true);
      await turn();
      expect(peer.sent).toHaveLength(3);
    },
  );

  test("are sent by a flush, and are counted then", () => {
    const { machine, sent } = setup();
    void machine.writeStdin(hex("61"));
    void machine.writeStdin(hex("62"));
    expect(machine.stdinBytes).toBe(1);
    machine.flush();
    expect(sent).toEqual(["0061", "0062"]);
    expect(machine.stdinBytes).toBe(2);
  });

  test("are not sent behind the end", async () => {
    const { machine, sent } = setup();
    void machine.writeStdin(hex("61"));
    void machine.writeStdin(hex("62"));
    machine.finish(undefined, undefined);
    await turn();
    expect(sent).toEqual(["0061"]);
  });

  test("of many sessions at the same time do not mix", async () => {
    const peers = Array.from({ length: 5 }, setup);
    for (let write = 0; write < 4; write += 1) {
      peers.forEach(({ machine }, peer) => {
        void machine.writeStdin(new Uint8Array(2).fill(0x10 * peer + write));
      });
    }
    await turn();
    expect(peers.map(({ sent }) => sent.join(" "))).toEqual([
      "000000 00010102020303",
      "001010 00111112121313",
      "002020 00212122222323",
      "003030 00313132323333",
      "004040 00414142424343",
    ]);
  });

  test("arrive whole and in order, of any sizes, with a transport that fills and drains at any time", async () => {
    const step = fc.record({
      bytes: fc.oneof(fc.nat({ max: 64 }), fc.nat({ max: 20_000 }), fc.nat({ max: 100_000 })),
      awaited: fc.boolean(),
      event: fc.constantFrom("none", "fill", "drain", "turn"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { machine, sent, transport } = setup();
        const writes: Promise<void>[] = [];
        let next = 0;
        const drain = (): void => {
          transport.full = false;
          machine.drain();
        };
        const written: number[] = [];
        for (const { bytes, awaited, event } of steps) {
          const data = Uint8Array.from({ length: bytes }, () => next++ % 251);
          written.push(...data);
          const write = machine.writeStdin(data);
          writes.push(write);
          if (event === "fill") transport.full = true;
          if (event === "drain") drain();
          if (event === "turn") await turn();
          if (awaited && !transport.full) {
            drain();
            await write;
          }
        }
        drain();
        await Promise.all(writes);
        await turn();
        const arrived = Buffer.concat(sent.map((message) => Buffer.from(message.slice(2), "hex")));
        expect(arrived.equals(Uint8Array.from(written))).toBe(true);
        expect(machine.stdinBytes).toBe(written.length);
      }),
      { seed, numRuns: 100 },
    );
  });
});
