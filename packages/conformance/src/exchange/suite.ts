import type { Socket } from "node:net";
import { checkExpectedFailures, type ExpectedFailures } from "../expected-failures.ts";
import type { Runner } from "../runner.ts";
import { openConnection } from "./connection.ts";
import { type ExchangeVector, exchanges } from "./exchanges.ts";
import { createReceived } from "./received.ts";

/** A server, what lets somebody in, and a running Pod of it whose container has `cat`, `sh`, `wc` and `sleep`. */
export interface ExchangeTarget {
  readonly server: string;
  readonly namespace?: string;
  readonly pod: string;
  /** Such as `Authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM: who signed the server's certificate, and the client's own. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface ExchangeSuiteOptions {
  readonly target: () => Promise<ExchangeTarget>;
  /** Whether the client's bytes come in one piece a step, as by default, or one by one, which is the same to a sound server. */
  readonly pieces?: "steps" | "bytes";
  /** Exchanges that are known to go otherwise here, by id, and why; one that does not fails as stale. */
  readonly expectedFailures?: ExpectedFailures;
}

const timeout = 60_000;

/**
 * Makes a test of every exchange: frames that a client may send, and what a server answers, byte for byte. Throws a
 * RangeError for an expected failure that is of no exchange.
 */
export function exchangeSuite(name: string, options: ExchangeSuiteOptions, runner: Runner): void {
  const { expectedFailures = {}, pieces = "steps" } = options;
  const ids = exchanges.map(({ id }) => id);
  checkExpectedFailures(expectedFailures, ids, "exchange");
  let target: Promise<ExchangeTarget> | undefined;
  const ready = (): Promise<ExchangeTarget> => {
    target ??= options.target();
    return target;
  };
  runner.describe(name, () => {
    for (const vector of exchanges) {
      const reason = expectedFailures[vector.id];
      runner.test(
        reason === undefined ? vector.id : `${vector.id} · known to fail: ${reason}`,
        { timeout },
        async () => {
          const failure = await exchange(vector, await ready(), pieces).then(
            () => undefined,
            (error: unknown) => ({ error }),
          );
          if (reason === undefined && failure) throw failure.error;
          if (reason !== undefined && !failure) throw new Error(`it goes as it should: ${reason}`);
        },
      );
    }
  });
}

async function exchange(
  vector: ExchangeVector,
  target: ExchangeTarget,
  pieces: "steps" | "bytes",
): Promise<void> {
  const { protocol = "v5.channel.k8s.io", target: path = "exec?command=cat&stdin=true&stdout=true" } = vector;
  const { socket, head } = await openConnection(target, path, protocol);
  try {
    await playSteps(vector, socket, head, pieces);
  } finally {
    socket.destroy();
  }
}

async function playSteps(
  { steps }: ExchangeVector,
  socket: Socket,
  head: Buffer,
  pieces: "steps" | "bytes",
): Promise<void> {
  const received = createReceived(socket, head);
  let expected = "";
  for (const { send = [], receive, end = false } of steps) {
    const sent = Buffer.from(send.join(""), "hex");
    for (const piece of pieces === "steps" ? [sent] : [...sent].map((byte) => Buffer.of(byte))) {
      // The server may have ended it by now.
      await new Promise((resolve) => socket.write(piece, resolve));
    }
    expected += receive.join("");
    await received.until(({ bytes }) => bytes.byteLength >= expected.length / 2);
    if (end) await received.until(({ ended }) => ended);
    const { bytes, ended } = received;
    if (bytes.toString("hex") !== expected)
      throw new Error(`the server sent ${bytes.toString("hex")}, and not ${expected}`);
    if (!end && ended) throw new Error("the server ended the connection too early");
  }
}
