import { existsSync } from "node:fs";
import { createDevServer, type DevServer } from "@podwire/devserver";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { ContainerSpec, Pod, PodSpec } from "../src/pods/pod.ts";
import { createRequests, type Requests, shell } from "./requests.ts";
import { openSession } from "./sessions.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

let server: DevServer;
let requests: Requests;

beforeAll(async () => {
  process.env["PODWIRE_TEST_SECRET"] = "of the host";
  server = await createDevServer();
  requests = createRequests(server);
});

afterAll(async () => {
  delete process.env["PODWIRE_TEST_SECRET"];
  await server.close();
});

let count = 0;
const newName = (): string => `pod-${++count}`;

const terminatedOf = ({ status }: Pod, container = 0) =>
  status.containerStatuses?.[container]?.state.terminated;

/** What a container prints, with all of it seen: it begins when told to. */
async function outputOf(script: string, container: Partial<ContainerSpec> = {}, args: string[] = []) {
  const name = newName();
  const command = ["sh", "-c", `read -r go; ${script}`, "sh", ...args];
  await requests.run(name, { ...container, command, stdin: true, stdinOnce: true });
  const session = await openSession(server, `${name}/attach?stdin=true&stdout=true&stderr=true`);
  session.send("00 0a");
  await session.closed;
  await requests.delete(name);
  return session.text(1) + session.text(2);
}

/** What a command prints beside a running container. */
async function execOutput(name: string, command: readonly string[], container = ""): Promise<string> {
  const query = command.map((part) => `command=${encodeURIComponent(part)}`).join("&");
  const session = await openSession(server, `${name}/exec?${query}&container=${container}&stdout=true`);
  await session.closed;
  return session.text(1);
}

describe("the life of a Pod", () => {
  test("goes from Pending over ContainerCreating and Running to Succeeded", async () => {
    const name = newName();
    const { metadata } = await requests.create(name, shell("exit 0"));
    const query = `resourceVersion=${metadata.resourceVersion}&fieldSelector=metadata.name%3D${name}`;
    const seen: unknown[] = [];
    let last: Pod | undefined;
    for await (const { object } of requests.watch(query)) {
      const [container] = object.status.containerStatuses ?? [];
      const state = container?.state ?? {};
      seen.push([object.status.phase, Object.keys(state)[0], state.waiting?.reason, container?.ready]);
      last = object;
      if (object.status.phase === "Succeeded") break;
    }
    expect(seen).toEqual([
      ["Pending", undefined, undefined, undefined],
      ["Pending", "waiting", "ContainerCreating", false],
      ["Running", "running", undefined, true],
      ["Succeeded", "terminated", undefined, false],
    ]);
    expect(last?.spec.nodeName).toBe("devserver");
    const containerID = expect.stringMatching(/^devserver:\/\/[0-9a-f]{64}$/);
    const times = {
      startedAt: expect.stringMatching(timestamp),
      finishedAt: expect.stringMatching(timestamp),
    };
    const since = { lastTransitionTime: expect.stringMatching(timestamp) };
    expect(last?.status).toEqual({
      phase: "Succeeded",
      hostIP: "127.0.0.1",
      podIP: "127.0.0.1",
      podIPs: [{ ip: "127.0.0.1" }],
      startTime: expect.stringMatching(timestamp),
      conditions: [
        { type: "Initialized", status: "True", reason: "PodCompleted", ...since },
        { type: "Ready", status: "False", reason: "PodCompleted", ...since },
        { type: "ContainersReady", status: "False", reason: "PodCompleted", ...since },
        { type: "PodScheduled", status: "True", ...since },
      ],
      containerStatuses: [
        {
          name: "main",
          image: "busybox",
          imageID: "busybox",
          state: { terminated: { exitCode: 0, reason: "Completed", containerID, ...times } },
          lastState: {},
          ready: false,
          started: false,
          restartCount: 0,
          containerID,
        },
      ],
    });
  });

  test.for([
    ["exit 0", 0, "Completed", "Succeeded"],
    ["exit 3", 3, "Error", "Failed"],
    ["exit 255", 255, "Error", "Failed"],
    ["kill -KILL $$", 137, "Error", "Failed"],
    ["kill -TERM $$", 143, "Error", "Failed"],
  ] as const)("%s ends with %i, %s, and the Pod %s", async ([script, exitCode, reason, phase]) => {
    const name = newName();
    await requests.create(name, shell(script));
    const pod = await requests.until(name, (one) => terminatedOf(one) !== undefined);
    expect([terminatedOf(pod), pod.status.phase]).toMatchObject([{ exitCode, reason }, phase]);
  });

  test.for([
    [
      ["/no/such/program"],
      /exec: "\/no\/such\/program": stat \/no\/such\/program: no such file or directory: unknown$/,
    ],
    [["no-such-program"], /exec: "no-such-program": executable file not found in \$PATH: unknown$/],
    [["/etc/passwd"], /exec: "\/etc\/passwd": permission denied: unknown$/],
    [["/etc"], /exec: "\/etc": permission denied: unknown$/],
    [[""], /exec: "": executable file not found in \$PATH: unknown$/],
    [["sh", "a\0b"], /without null bytes/],
  ] as const)("a program %j that cannot be started is a StartError, 128", async ([command, message]) => {
    const name = newName();
    await requests.create(name, { command: [...command] });
    const pod = await requests.until(name, (one) => terminatedOf(one) !== undefined);
    expect(terminatedOf(pod)).toMatchObject({
      exitCode: 128,
      reason: "StartError",
      message: expect.stringMatching(message),
    });
    expect(pod.status.phase).toBe("Failed");
  });

  test.for([
    [undefined, "ErrImagePull"],
    ["IfNotPresent", "ErrImagePull"],
    ["Never", "ErrImageNeverPull"],
  ] as const)(
    "an unknown image with imagePullPolicy %s waits with %s, and can be deleted",
    async ([policy, reason]) => {
      const name = newName();
      await requests.create(name, {
        image: "registry.invalid/app:1",
        ...(policy && { imagePullPolicy: policy }),
      });
      const pod = await requests.until(name, ({ status }) => status.containerStatuses !== undefined);
      expect(pod.status).toMatchObject({
        phase: "Pending",
        containerStatuses: [
          {
            state: {
              waiting: {
                reason,
                message: 'devserver has no image "registry.invalid/app:1"; add it to the option images',
              },
            },
          },
        ],
      });
      await requests.delete(name, "gracePeriodSeconds=30");
      await requests.gone(name);
    },
  );

  test("without a command an image runs its shell, which ends as its input does", async () => {
    const name = newName();
    await requests.create(name, {});
    const pod = await requests.until(name, (one) => terminatedOf(one) !== undefined);
    expect(terminatedOf(pod)?.exitCode).toBe(0);
  });
});

describe("a container that ends is restarted", () => {
  const isBackedOff = ({ status }: Pod): boolean =>
    status.containerStatuses?.[0]?.state.waiting?.reason === "CrashLoopBackOff";

  test.for([
    ["Always", "exit 0", 0],
    ["Always", "exit 4", 4],
    ["OnFailure", "exit 4", 4],
  ] as const)(
    "with %s after %s: at once, and then after a pause",
    async ([restartPolicy, script, exitCode]) => {
      const name = newName();
      const { metadata } = await requests.create(name, shell(script), { restartPolicy });
      const started = new Set<string | undefined>();
      let pod: Pod | undefined;
      const query = `resourceVersion=${metadata.resourceVersion}&fieldSelector=metadata.name%3D${name}`;
      for await (const { object } of requests.watch(query)) {
        const [container] = object.status.containerStatuses ?? [];
        if (container?.state.running) started.add(container.containerID);
        expect(["Pending", "Running"]).toContain(object.status.phase);
        pod = object;
        if (isBackedOff(object)) break;
      }
      expect(started.size).toBe(2);
      const where = `container=main pod=${name}_default(${metadata.uid})`;
      expect(pod?.status).toMatchObject({
        phase: "Running",
        containerStatuses: [
          {
            restartCount: 1,
            ready: false,
            state: {
              waiting: { reason: "CrashLoopBackOff", message: `back-off 10s restarting failed ${where}` },
            },
            lastState: { terminated: { exitCode } },
          },
        ],
      });
      // The pause does not hold up its end.
      await requests.delete(name, "gracePeriodSeconds=30");
      await requests.gone(name);
    },
  );

  test("with a fresh folder each time", async () => {
    const name = newName();
    await requests.create(name, shell("[ -e mark ] && exit 9; touch mark; exit 2"), {
      restartPolicy: "Always",
    });
    const pod = await requests.until(name, isBackedOff);
    expect(pod.status.containerStatuses?.[0]?.lastState.terminated?.exitCode).toBe(2);
    await requests.delete(name);
  });

  test("after a StartError too", async () => {
    const name = newName();
    await requests.create(name, { command: ["no-such-program"] }, { restartPolicy: "Always" });
    const pod = await requests.until(name, isBackedOff);
    expect(pod.status.containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      lastState: { terminated: { exitCode: 128 } },
    });
    await requests.delete(name);
  });

  test("not with OnFailure after success, and never with Never", async () => {
    for (const [restartPolicy, script, phase] of [
      ["OnFailure", "exit 0", "Succeeded"],
      ["Never", "exit 1", "Failed"],
    ] as const) {
      const name = newName();
      await requests.create(name, shell(script), { restartPolicy });
      const pod = await requests.until(name, ({ status }) => status.phase === phase);
      expect(pod.status.containerStatuses?.[0]?.restartCount).toBe(0);
    }
  });
});

test("several containers each have their own folder, program and end", async () => {
  const name = newName();
  const containers: PodSpec["containers"] = [
    {
      name: "one",
      image: "busybox",
      command: ["sh", "-c", "while [ ! -e end ]; do sleep 0.05; done; exit 2"],
    },
    { name: "two", image: "busybox", command: ["sleep", "1000"] },
  ];
  await requests.run(name, {}, { containers });
  const homes = await Promise.all(
    ["one", "two"].map((one) => execOutput(name, ["sh", "-c", "echo $HOME"], one)),
  );
  expect(homes[0]).not.toBe(homes[1]);
  await execOutput(name, ["touch", "end"], "one");
  const pod = await requests.until(name, (one) => terminatedOf(one) !== undefined);
  expect([pod.status.phase, terminatedOf(pod)?.exitCode, pod.status.containerStatuses?.[1]?.ready]).toEqual([
    "Running",
    2,
    true,
  ]);
  expect(await execOutput(name, ["echo", "still here"], "two")).toBe("still here\n");
  await requests.delete(name);
});

describe("the surroundings of a container", () => {
  test("its variables are PATH, HOME, HOSTNAME and its own, and none of the host's", async () => {
    const name = newName();
    await requests.run(name, {
      ...shell("sleep 1000"),
      env: [{ name: "COLOR", value: "red" }, { name: "EMPTY" }, { name: "HOSTNAME", value: "mine" }],
    });
    const lines = (await execOutput(name, ["env"])).trim().split("\n").sort();
    expect(lines).toEqual([
      "COLOR=red",
      "EMPTY=",
      expect.stringMatching(/^HOME=\/.*podwire-devserver-/),
      "HOSTNAME=mine",
      `PATH=${process.env["PATH"]}`,
    ]);
    expect(await execOutput(name, ["sh", "-c", "echo $HOSTNAME"])).toBe("mine\n");
    await requests.delete(name);
  });

  test("$(NAME) is a declared variable's value, $$ is $, and anything else stays as it is", async () => {
    const env = [
      { name: "A", value: "1" },
      { name: "B", value: "$(A)2" },
      { name: "C", value: "$(D) $$(A)" },
      { name: "D", value: "late" },
    ];
    const args = ["$(A)", "$$(A)", "$$$(A)", "$(B)", "$(C)", "$(HOME)", "$(NOPE)", "$A", "$(", "a$$b"];
    expect(await outputOf('printf "%s|" "$@"', { env }, args)).toBe(
      "1|$(A)|$1|12|$(D) $(A)|$(HOME)|$(NOPE)|$A|$(|a$b|",
    );
  });

  test.for([
    ["/data/deep", "/data/deep"],
    ["data", "/data"],
    ["../../../etc", "/etc"],
    ["/../..", ""],
    ["/a/../../b", "/b"],
  ] as const)("workingDir %s is made, inside the container's own folder", async ([workingDir, inside]) => {
    const [home, folder] = (await outputOf('echo "$HOME"; pwd -P', { workingDir })).split("\n");
    expect(folder).toBe(`${home}${inside}`);
  });

  test("stdin is empty unless it was asked for", async () => {
    const name = newName();
    await requests.create(name, { command: ["cat"] });
    await requests.until(name, ({ status }) => status.phase === "Succeeded");
  });

  test("its folder is there while it runs and gone afterwards", async () => {
    const name = newName();
    await requests.run(
      name,
      shell("mkdir -p a/b; echo x >a/b/c; trap 'exit 0' TERM; while :; do sleep 0.05; done"),
    );
    const home = (await execOutput(name, ["sh", "-c", "echo $HOME"])).trim();
    expect(existsSync(home)).toBe(true);
    await requests.delete(name, "gracePeriodSeconds=10");
    await requests.gone(name);
    expect(existsSync(home)).toBe(false);
  });
});

describe("deletion", () => {
  const exitOf = async (script: string, query: string): Promise<[number | undefined, number]> => {
    const name = newName();
    // Ready once its traps are set: the file says so.
    await requests.run(name, shell(script));
    await execOutput(name, ["sh", "-c", "while [ ! -e ready ]; do sleep 0.02; done"]);
    const { resourceVersion } = (await requests.get(name)).metadata;
    const started = performance.now();
    await requests.delete(name, query);
    let exitCode: number | undefined;
    const watched = `resourceVersion=${resourceVersion}&fieldSelector=metadata.name%3D${name}`;
    for await (const { type, object } of requests.watch(watched)) {
      exitCode = terminatedOf(object)?.exitCode;
      if (type === "DELETED") break;
    }
    return [exitCode, performance.now() - started];
  };

  test("asks with SIGTERM, and a program may end as it wants to", async () => {
    const [exitCode, tookMs] = await exitOf(
      "trap 'exit 5' TERM; touch ready; while :; do sleep 0.05; done",
      "gracePeriodSeconds=20",
    );
    expect(exitCode).toBe(5);
    expect(tookMs).toBeLessThan(5_000);
  });

  test("ends it with SIGKILL when the grace period is over", async () => {
    const stubborn = "trap '' TERM; touch ready; while :; do sleep 0.05; done";
    const [exitCode, tookMs] = await exitOf(stubborn, "gracePeriodSeconds=1");
    expect(exitCode).toBe(137);
    expect(tookMs).toBeGreaterThan(950);
    expect(tookMs).toBeLessThan(5_000);
  });

  test("without a trap ends it with 143, without grace with 137", async () => {
    expect((await exitOf("touch ready; sleep 1000", "gracePeriodSeconds=20"))[0]).toBe(143);
    expect((await exitOf("touch ready; sleep 1000", "gracePeriodSeconds=0"))[0]).toBe(137);
  });

  test("ends an exec beside it with 137", async () => {
    const name = newName();
    await requests.run(name, shell("sleep 1000"));
    const session = await openSession(
      server,
      `${name}/exec?command=sh&command=-c&command=echo+up;sleep+1000&stdout=true`,
    );
    await session.until(({ text }) => text(1) === "up\n");
    await requests.delete(name);
    expect(await session.closed).toBe(1000);
    expect(session.text(3)).toContain('{"reason":"ExitCode","message":"137"}');
  });
});
