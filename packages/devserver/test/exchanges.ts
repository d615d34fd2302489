import type { Socket } from "node:net";
import { type ExchangeVector, exchanges } from "@podwire/tools-vectors";
import { expect, test } from "vitest";
import type { Upgrade } from "./upgraded.ts";

/** All that the server sends, and whether it has ended the connection. */
interface Received {
  bytes: Buffer;
  ended: boolean;
  /** Resolves as soon as it holds; rejects when the connection ends before, or after ten seconds. */
  until(condition: () => boolean): Promise<void>;
}

/** The tests of all exchanges, the client's bytes in one packet a step, or one by one. */
export function testExchanges(upgrade: () => Upgrade, pieces: "in steps" | "byte by byte"): void {
  test.for(exchanges)("$id", { timeout: 30_000 }, async (vector) => run(vector, upgrade(), pieces));
}

async function run(vector: ExchangeVector, upgrade: Upgrade, pieces: string): Promise<void> {
  const { protocol = "v5.channel.k8s.io", target = "exec?command=cat&stdin=true&stdout=true" } = vector;
  const { socket, head } = await upgrade(target, { "Sec-WebSocket-Protocol": protocol });
  const received = receive(socket, head);
  let expected = "";
  for (const { send = [], receive = [], end = false } of vector.steps) {
    const bytes = Buffer.from(send.join(""), "hex");
    for (const piece of pieces === "in steps" ? [bytes] : bytes) {
      const written = typeof piece === "number" ? Buffer.of(piece) : piece;
      // The server may have ended it by now.
      await new Promise((resolve) => socket.write(written, resolve));
    }
    expected += receive.join("");
    await received.until(() => received.bytes.byteLength >= expected.length / 2);
    if (end) await received.until(() => received.ended);
    expect(received.bytes.toString("hex")).toBe(expected);
    if (!end) expect(received.ended).toBe(false);
  }
  socket.destroy();
}

function receive(socket: Socket, head: Buffer): Received {
  const waiting = new Set<() => void>();
  const received: Received = {
    bytes: head,
    ended: false,
    until(condition) {
      return new Promise((resolve, reject) => {
        const fail = (why: string): void => {
          waiting.delete(look);
          reject(new Error(`${why} after ${received.bytes.toString("hex")}`));
        };
        const timer = setTimeout(() => fail("nothing more came"), 10_000);
        const look = (): void => {
          if (condition()) {
            clearTimeout(timer);
            waiting.delete(look);
            resolve();
          } else if (received.ended) {
            clearTimeout(timer);
            fail("the connection ended");
          }
        };
        waiting.add(look);
        look();
      });
    },
  };
  const look = (): void => {
    for (const one of [...waiting]) one();
  };
  const end = (): void => {
    received.ended = true;
    look();
  };
  socket.on("data", (chunk: Buffer) => {
    received.bytes = Buffer.concat([received.bytes, chunk]);
    look();
  });
  socket.once("end", end);
  socket.once("close", end);
  socket.on("error", () => undefined);
  return received;
}
