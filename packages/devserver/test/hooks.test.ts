import { once } from "node:events";
import { createServer } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Pod, PodSpec } from "../src/pods/pod.ts";
import { eventOf } from "./pod-events.ts";
import { podsPath, shell } from "./requests.ts";
import { serve } from "./serve.ts";

const served = serve("hook");

const mainOf = ({ status }: Pod) => status.containerStatuses?.[0];
const command = (script: string) => ({ exec: { command: ["sh", "-c", script] } });
/** Ends with a code of its own at SIGTERM, which it says when it can be asked to. */
const polite = (code = 7) =>
  shell(`trap 'exit ${code}' TERM; touch set; while [ ! -e end ]; do sleep 0.05; done; exit 3`);

const isSet = (name: string) => served.exec(name, ["sh", "-c", "until [ -e set ]; do sleep 0.02; done"]);

/** Deletes a Pod; answers with the exit code of its container, and with how long it took. */
async function deleted(name: string, graceSeconds: number): Promise<[number | undefined, number]> {
  const { resourceVersion } = (await served.requests.get(name)).metadata;
  const begunMs = performance.now();
  await served.requests.delete(name, `gracePeriodSeconds=${graceSeconds}`);
  let code: number | undefined;
  const query = `resourceVersion=${resourceVersion}&fieldSelector=metadata.name%3D${name}`;
  for await (const { type, object } of served.requests.watch(query)) {
    code = mainOf(object)?.state.terminated?.exitCode;
    if (type === "DELETED") break;
  }
  return [code, performance.now() - begunMs];
}

describe("postStart", () => {
  test("comes before the container counts as running, and before the next one begins", async () => {
    const name = served.newName();
    const containers: PodSpec["containers"] = [
      {
        name: "main",
        image: "busybox",
        ...shell("sleep 1000"),
        lifecycle: { postStart: command("touch begun; until [ -e go ]; do sleep 0.02; done") },
      },
      { name: "next", image: "busybox", ...shell("sleep 1000") },
    ];
    await served.requests.create(name, {}, { containers });
    const early = await served.requests.until(name, (pod) => mainOf(pod)?.containerID !== undefined);
    await served.exec(name, ["sh", "-c", "until [ -e begun ]; do sleep 0.02; done"], "main");
    const creating = { waiting: { reason: "ContainerCreating" } };
    expect(early.status.containerStatuses?.map(({ state }) => state)).toEqual([creating, creating]);
    await served.exec(name, ["touch", "go"], "main");
    const pod = await served.requests.until(name, ({ status }) => status.phase === "Running");
    expect(mainOf(pod)).toMatchObject({ ready: true, started: true });
    await served.requests.delete(name);
  });

  test("that fails ends the container, which runs again", async () => {
    const name = served.newName();
    const postStart = command("until [ -e set ]; do sleep 0.02; done; echo po; echo pe >&2; exit 5");
    await served.requests.create(
      name,
      { ...polite(), lifecycle: { postStart } },
      { restartPolicy: "Always" },
    );
    const pod = await served.requests.until(
      name,
      (one) => mainOf(one)?.state.waiting?.reason === "PostStartHookError",
    );
    const [shown = ""] = postStart.exec.command.slice(-1);
    expect(mainOf(pod)).toMatchObject({
      ready: false,
      restartCount: 0,
      lastState: { terminated: { exitCode: 7 } },
      state: {
        waiting: {
          message: `Exec lifecycle hook ([sh -c ${shown}]) for Container "main" in Pod "${name}_default(${pod.metadata.uid})" failed - error: command 'sh -c ${shown}' exited with 5: pe\n, message: "po\\npe\\n"`,
        },
      },
    });
    await eventOf(
      served,
      name,
      ({ reason, message }) => reason + message === "FailedPostStartHookPostStartHook failed",
    );
    await eventOf(served, name, ({ reason, message }) => reason + message === "KillingFailedPostStartHook");
    await served.requests.until(name, (one) => mainOf(one)?.restartCount === 1);
    await served.requests.delete(name);
  });

  test("that fails ends the Pod where nothing runs again", async () => {
    const name = served.newName();
    const postStart = { exec: { command: ["nosuch"] } };
    await served.requests.create(name, { ...shell("sleep 1000"), lifecycle: { postStart } });
    const { status } = await served.requests.until(name, (one) => one.status.phase === "Failed");
    expect(status.containerStatuses?.[0]?.state.terminated?.exitCode).toBe(143);
  });

  test("by HTTP asks for its path, whatever the answer", async () => {
    const asked: (string | undefined)[] = [];
    const http = createServer(({ url }, response) => {
      asked.push(url);
      response.writeHead(500).end();
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void http.close());
    await once(http, "listening");
    const address = http.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const name = served.newName();
    const postStart = { httpGet: { port, path: "/begun?x=1", scheme: "HTTP" as const } };
    await served.requests.run(name, { ...shell("sleep 1000"), lifecycle: { postStart } });
    expect(asked).toEqual(["/begun?x=1"]);
    await served.requests.delete(name);
  });
});

describe("preStop", () => {
  test("comes before the program is asked to end", async () => {
    const name = served.newName();
    // The program ends by itself, which it would not do after a SIGTERM.
    await served.requests.run(name, {
      ...polite(),
      lifecycle: { preStop: command("touch end; sleep 1000") },
    });
    await isSet(name);
    const [code] = await deleted(name, 30);
    expect(code).toBe(3);
  });

  test("that is done leaves the rest of the time to the program", async () => {
    const name = served.newName();
    await served.requests.run(name, { ...polite(), lifecycle: { preStop: command("touch over") } });
    await isSet(name);
    expect((await deleted(name, 30))[0]).toBe(7);
  });

  test("that takes too long is not waited for, and the program has two seconds", async () => {
    const name = served.newName();
    const stubborn = shell("trap '' TERM; touch set; while :; do sleep 0.05; done");
    await served.requests.run(name, { ...stubborn, lifecycle: { preStop: { sleep: { seconds: 20 } } } });
    await isSet(name);
    const [code, tookMs] = await deleted(name, 1);
    expect(code).toBe(137);
    expect(tookMs).toBeGreaterThan(2_950);
  });

  test("that fails is told, and the program ends as it would", async () => {
    const name = served.newName();
    await served.requests.run(name, { ...polite(), lifecycle: { preStop: command("exit 6") } });
    await isSet(name);
    const failed = eventOf(served, name, ({ reason }) => reason === "FailedPreStopHook");
    expect((await deleted(name, 30))[0]).toBe(7);
    expect(await failed).toMatchObject({ type: "Warning", message: "PreStopHook failed" });
  });

  test("is left out when there is no time", async () => {
    const name = served.newName();
    await served.requests.run(name, { ...polite(), lifecycle: { preStop: { sleep: { seconds: 20 } } } });
    // With it, it would take longer than a test may.
    await deleted(name, 0);
    const { status } = await served.requests.send("GET", `${podsPath}/${name}`);
    expect(status).toBe(404);
  });

  test("that runs is given up when less time is asked for", async () => {
    const name = served.newName();
    await served.requests.run(name, { ...polite(), lifecycle: { preStop: { sleep: { seconds: 20 } } } });
    await isSet(name);
    await served.requests.delete(name, "gracePeriodSeconds=30");
    await served.requests.delete(name, "gracePeriodSeconds=0");
    await served.requests.gone(name);
  });
});
