import { once } from "node:events";
import type { ContainerContext } from "@podwire/devserver";
import { describe, expect, test } from "vitest";
import { idle, serveScripts } from "./scripted.ts";
import { openSession } from "./sessions.ts";

const { served, run, started } = serveScripts();

describe("a function", () => {
  test("is told by its signal that it has to end, and is 143 unless it says otherwise", async () => {
    for (const [program, exitCode] of [
      [idle, 143],
      [(context: ContainerContext) => Promise.resolve(idle(context)).then(() => 7), 7],
      [
        async ({ signal }: ContainerContext) => {
          if (!signal.aborted) await once(signal, "abort");
          signal.throwIfAborted();
          return 0;
        },
        143,
      ],
    ] as const) {
      const name = await run(program);
      const { metadata } = await started(name);
      await served.requests.delete(name, "gracePeriodSeconds=20");
      const query = `fieldSelector=metadata.name%3D${name}&resourceVersion=${metadata.resourceVersion}`;
      for await (const { type, object } of served.requests.watch(query)) {
        if (type !== "DELETED") continue;
        expect(object.status.containerStatuses?.[0]?.state.terminated?.exitCode).toBe(exitCode);
        break;
      }
    }
  });

  test("that does not heed its signal is given up after the grace period, with 137", async () => {
    const name = await run(() => new Promise(() => undefined));
    const { metadata } = await started(name);
    const session = await openSession(served.server, `${name}/attach?stdout=true`);
    const begun = performance.now();
    await served.requests.delete(name, "gracePeriodSeconds=1");
    const query = `fieldSelector=metadata.name%3D${name}&resourceVersion=${metadata.resourceVersion}`;
    for await (const { type, object } of served.requests.watch(query)) {
      if (type !== "DELETED") continue;
      expect(object.status.containerStatuses?.[0]?.state.terminated?.exitCode).toBe(137);
      break;
    }
    expect(performance.now() - begun).toBeGreaterThan(950);
    expect(await session.closed).toBe(1000);
  });

  test("that writes after its end is not heard, and does no harm", async () => {
    let late: Promise<void> | undefined;
    const name = await run(({ stdout, signal }) => {
      signal.addEventListener("abort", () => {
        setImmediate(() => {
          late = stdout.write("late");
        });
      });
      return new Promise(() => undefined);
    });
    await started(name);
    await served.requests.delete(name);
    await new Promise(setImmediate);
    await late;
  });
});
