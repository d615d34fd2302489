import { type CreateSpool, createSpool } from "@podwire/transport";
import { expect } from "vitest";
import { ClientError, type Exit, type StreamSession } from "../../src/index.ts";
import { startSession } from "../../src/session/session.ts";
import { createHandConnection, type HandConnection } from "./hand-connection.ts";
import { createReadings, type Readings } from "./readings.ts";

const marks = { highWaterBytes: 1_000, limitBytes: 4_000, spoolLimitBytes: 12_000 };
export type Overflow = "pause" | "spool" | "error";
export type Name = "stdout" | "stderr";
export const names: readonly Name[] = ["stdout", "stderr"];

/** One session in the hands of a test, and what a simple model of it knows. */
export interface World {
  readonly session: StreamSession;
  readonly connection: HandConnection;
  readonly controller: AbortController;
  readonly readings: Readings;
  /** What the peer has sent of each channel, letters and line feeds. */
  readonly sent: Record<Name, string>;
  /** What was written to stdin, in order. */
  readonly written: { text: string; closed: boolean };
  /** Whether a whole Status is on its way. */
  statusSent: boolean;
  /** Whether the caller has left, or output came behind the Status: not all of it need arrive then. */
  cutShort: boolean;
  /** Everything that must settle. */
  readonly pending: Promise<unknown>[];
}

export function createWorld(overflow: Overflow, create: CreateSpool | undefined = createSpool): World {
  const connection = createHandConnection("v5.channel.k8s.io");
  const controller = new AbortController();
  if (!create) throw new Error("this platform cannot spool");
  const { session, sink } = startSession(connection, {
    ...marks,
    stdin: true,
    stdout: true,
    stderr: true,
    tty: true,
    stdinDropped: false,
    stdinEnd: "half-close",
    container: undefined,
    warnings: [],
    signal: controller.signal,
    liveness: {},
    overflow: overflow === "spool" ? { create, limitBytes: marks.spoolLimitBytes } : overflow,
  });
  connection.sink = sink;
  const sent = { stdout: "", stderr: "" };
  return {
    session,
    connection,
    controller,
    readings: createReadings(session, sent),
    sent,
    written: { text: "", closed: false },
    statusSent: false,
    cutShort: false,
    pending: [],
  };
}

/** Checks what must hold at any moment. */
export function checkNow({ connection, readings, sent, written }: World): void {
  expect(connection.violations).toEqual([]);
  for (const name of names) expect(sent[name].startsWith(readings.got[name]), name).toBe(true);
  const stdin = connection.sent.filter((message) => message[0] === 0).map((message) => message.subarray(1));
  expect(written.text.startsWith(Buffer.concat(stdin).toString())).toBe(true);
}

/** Checks how it all ended, once everything has been read that can be. */
export function checkEnd(world: World, exit: Exit, errors: Record<Name, unknown>): void {
  const { readings, sent, statusSent } = world;
  checkNow(world);
  expect(exit.complete).not.toBe("proven");
  if (exit.kind === "exited") expect(statusSent).toBe(true);
  for (const name of names) {
    const { receivedBytes, discardedBytes } = exit[name];
    expect(receivedBytes).toBeLessThanOrEqual(sent[name].length);
    if (readings.gaveUp[name]) continue;
    const got = readings.got[name].length;
    const error = errors[name];
    const missing = error instanceof ClientError ? /^(\d+) bytes of std/.exec(error.message)?.[1] : undefined;
    // Whole, or the error says how many bytes are missing.
    expect(got + Number(missing ?? 0), name).toBe(receivedBytes);
    if (missing === undefined) expect(discardedBytes, name).toBe(0);
    if (exit.kind !== "exited" || world.cutShort) continue;
    expect(receivedBytes, name).toBe(sent[name].length);
    if (discardedBytes === 0) expect(error, name).toBeUndefined();
  }
}
