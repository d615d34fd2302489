import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Exit } from "../../src/index.ts";
import { sessionCommands } from "./commands.ts";
import { checkEnd, createWorld, type Name, names, type Overflow, type World } from "./world.ts";

// Anything a peer and a caller can do, in any order, against a model of two texts and a line of stdin.

const seed = 0x706f64;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const advance = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** Ends what has not ended, and reads what can be read. */
async function finish(world: World): Promise<{ exit: Exit; errors: Record<Name, unknown> }> {
  const { session, connection, readings } = world;
  connection.drained();
  if (connection.open) connection.end(1000);
  let settled = false;
  const all = Promise.all([
    session.exited,
    Promise.all(names.map((name) => readings.readRest(name))),
    Promise.allSettled(world.pending),
  ]).finally(() => {
    settled = true;
  });
  // Somebody who has stopped reading may be waited for, with patience; for ever by nobody.
  const started = Date.now();
  while (!settled) {
    expect(Date.now() - started, "everything settles").toBeLessThan(30_000);
    await advance(2_000);
    await new Promise(setImmediate);
  }
  const [exit, [stdout, stderr]] = await all;
  return { exit, errors: { stdout, stderr } };
}

describe.each<Overflow>(["pause", "spool", "error"])("any interleaving, with overflow %s,", (overflow) => {
  test("loses nothing it does not count, and settles", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(sessionCommands(advance), async (commands) => {
        const world = createWorld(overflow);
        await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
        const { exit, errors } = await finish(world);
        checkEnd(world, exit, errors);
        await world.session.close();
        expect(vi.getTimerCount(), "timers left").toBe(0);
      }),
      { seed, numRuns: 200 },
    );
  });
});
