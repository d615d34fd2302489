import { describe, expect, test } from "vitest";
import { shell } from "./requests.ts";
import { serve } from "./serve.ts";
import { openSession } from "./sessions.ts";

const served = serve("deleted");

describe("deletion", () => {
  const exitOf = async (script: string, query: string): Promise<[number | undefined, number]> => {
    const name = served.newName();
    // Ready once its traps are set: the file says so.
    await served.requests.run(name, shell(script));
    await served.exec(name, ["sh", "-c", "while [ ! -e ready ]; do sleep 0.02; done"]);
    const { resourceVersion } = (await served.requests.get(name)).metadata;
    const started = performance.now();
    await served.requests.delete(name, query);
    let exitCode: number | undefined;
    const watched = `resourceVersion=${resourceVersion}&fieldSelector=metadata.name%3D${name}`;
    for await (const { type, object } of served.requests.watch(watched)) {
      exitCode = object.status.containerStatuses?.[0]?.state.terminated?.exitCode;
      if (type === "DELETED") break;
    }
    return [exitCode, performance.now() - started];
  };

  test("asks with SIGTERM, and a program may end as it wants to", async () => {
    const [exitCode] = await exitOf(
      "trap 'exit 5' TERM; touch ready; while :; do sleep 0.05; done",
      "gracePeriodSeconds=20",
    );
    expect(exitCode).toBe(5);
  });

  test("ends it with SIGKILL when the grace period is over", async () => {
    const stubborn = "trap '' TERM; touch ready; while :; do sleep 0.05; done";
    const [exitCode, tookMs] = await exitOf(stubborn, "gracePeriodSeconds=1");
    expect(exitCode).toBe(137);
    expect(tookMs).toBeGreaterThan(950);
  });

  test("without a trap ends it with 143, without grace with 137", async () => {
    expect((await exitOf("touch ready; sleep 1000", "gracePeriodSeconds=20"))[0]).toBe(143);
    expect((await exitOf("touch ready; sleep 1000", "gracePeriodSeconds=0"))[0]).toBe(137);
  });

  test("asks the program alone, and ends all when it has ended", async () => {
    const heard = "trap 'touch heard' TERM; until [ -e end ]; do sleep 0.05; done; touch over";
    const name = served.newName();
    const script = `(${heard}) & trap 'touch told' TERM; touch ready; while :; do sleep 0.05; done`;
    await served.requests.run(name, shell(script));
    await served.exec(name, ["sh", "-c", "while [ ! -e ready ]; do sleep 0.02; done"]);
    await served.requests.delete(name, "gracePeriodSeconds=20");
    await served.exec(name, ["sh", "-c", "while [ ! -e told ]; do sleep 0.02; done"]);
    const files = "touch end; until [ -e over ]; do sleep 0.02; done; ls";
    expect((await served.exec(name, ["sh", "-c", files])).split("\n")).not.toContain("heard");
    await served.requests.delete(name, "gracePeriodSeconds=0");
    await served.requests.gone(name);
  });

  test("ends an exec beside it with 137", async () => {
    const name = served.newName();
    await served.requests.run(name, shell("sleep 1000"));
    const session = await openSession(
      served.server,
      `${name}/exec?command=sh&command=-c&command=echo+up;sleep+1000&stdout=true`,
    );
    await session.until(({ text }) => text(1) === "up\n");
    await served.requests.delete(name);
    expect(await session.closed).toBe(1000);
    expect(session.text(3)).toContain('{"reason":"ExitCode","message":"137"}');
  });
});
