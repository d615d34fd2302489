import type { Socket } from "node:net";

/** All that a server has sent, and whether it has ended the connection. */
export interface Received {
  readonly bytes: Buffer;
  readonly ended: boolean;
  /** Resolves as soon as it holds; rejects when the connection ends before, or after ten seconds. */
  until(condition: (received: Received) => boolean): Promise<void>;
}

const withinMs = 10_000;

export function createReceived(socket: Socket, head: Buffer): Received {
  const waiting = new Set<() => void>();
  let bytes = head;
  let ended = false;
  const received: Received = {
    get bytes() {
      return bytes;
    },
    get ended() {
      return ended;
    },
    until(condition) {
      return new Promise((resolve, reject) => {
        const settle = (finish: () => void): void => {
          clearTimeout(timer);
          waiting.delete(look);
          finish();
        };
        const fail = (why: string): void =>
          settle(() => reject(new Error(`${why} after ${bytes.toString("hex")}`)));
        const timer = setTimeout(() => fail("nothing more came"), withinMs);
        const look = (): void => {
          if (condition(received)) settle(resolve);
          else if (ended) fail("the connection ended");
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
    ended = true;
    look();
  };
  socket.on("data", (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    look();
  });
  socket.once("end", end);
  socket.once("close", end);
  socket.on("error", () => undefined);
  return received;
}
