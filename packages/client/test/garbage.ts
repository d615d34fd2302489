import { afterAll, beforeAll, expect } from "vitest";
import { Api, createClient, Pod } from "../src/index.ts";
import { type Behaviour, serve } from "./api-server.ts";

// A server that talks nonsense crashes nobody and leaves nothing unsettled; each kind of nonsense has its outcome.

/** Fails a file behind its tests when a rejection was left to nobody. */
export function expectNothingUnhandled(): void {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  beforeAll(() => void process.on("unhandledRejection", note));
  afterAll(async () => {
    // Node reports them between two turns of the event loop.
    await new Promise(setImmediate);
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });
}

/** A server that behaves so, and a client of it. */
export async function serveGarbage(behaviour: Behaviour) {
  const server = await serve(behaviour);
  return {
    server,
    pods: new Api(Pod, { client: createClient({ server: server.url }) }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
