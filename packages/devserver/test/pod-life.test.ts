import { describe, expect, test } from "vitest";
import type { Pod, PodSpec } from "../src/pods/pod.ts";
import { shell } from "./requests.ts";
import { serve } from "./serve.ts";

const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

const served = serve("pod");

const terminatedOf = ({ status }: Pod, container = 0) =>
  status.containerStatuses?.[container]?.state.terminated;

describe("the life of a Pod", () => {
  test("goes from Pending over ContainerCreating and Running to Succeeded", async () => {
    const name = served.newName();
    const { metadata } = await served.requests.create(name, shell("exit 0"));
    const query = `resourceVersion=${metadata.resourceVersion}&fieldSelector=metadata.name%3D${name}`;
    const seen: unknown[] = [];
    let last: Pod | undefined;
    for await (const { object } of served.requests.watch(query)) {
      const [container] = object.status.containerStatuses ?? [];
      const state = container?.state ?? {};
      const prepared = object.status.conditions?.find(({ type }) => type === "PodReadyToStartContainers");
      const { phase } = object.status;
      seen.push([phase, Object.keys(state)[0], state.waiting?.reason, container?.ready, prepared?.status]);
      last = object;
      if (object.status.phase === "Succeeded") break;
    }
    expect(seen).toEqual([
      ["Pending", undefined, undefined, undefined, undefined],
      ["Pending", "waiting", "ContainerCreating", false, "False"],
      ["Pending", "waiting", "ContainerCreating", false, "True"],
      ["Running", "running", undefined, true, "True"],
      ["Succeeded", "terminated", undefined, false, "False"],
    ]);
    expect(last?.spec.nodeName).toBe("devserver");
    const containerID = expect.stringMatching(/^devserver:\/\/[0-9a-f]{64}$/);
    const times = {
      startedAt: expect.stringMatching(timestamp),
      finishedAt: expect.stringMatching(timestamp),
    };
    const since = {
      observedGeneration: 1,
      lastProbeTime: null,
      lastTransitionTime: expect.stringMatching(timestamp),
    };
    expect(last?.status).toEqual({
      phase: "Succeeded",
      observedGeneration: 1,
      qosClass: "BestEffort",
      resources: {},
      hostIP: "127.0.0.1",
      hostIPs: [{ ip: "127.0.0.1" }],
      podIP: "127.0.0.1",
      podIPs: [{ ip: "127.0.0.1" }],
      startTime: expect.stringMatching(timestamp),
      conditions: [
        { type: "PodReadyToStartContainers", status: "False", ...since },
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
          resources: {},
          ...(process.platform === "linux" && {
            user: {
              linux: {
                uid: process.getuid?.(),
                gid: process.getgid?.(),
                supplementalGroups: process.getgroups?.(),
              },
            },
          }),
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
    const name = served.newName();
    await served.requests.create(name, shell(script));
    const pod = await served.requests.until(name, (one) => terminatedOf(one) !== undefined);
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
    const name = served.newName();
    await served.requests.create(name, { command: [...command] });
    const pod = await served.requests.until(name, (one) => terminatedOf(one) !== undefined);
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
      const name = served.newName();
      await served.requests.create(name, {
        image: "registry.invalid/app:1",
        ...(policy && { imagePullPolicy: policy }),
      });
      const pod = await served.requests.until(name, ({ status }) => status.containerStatuses !== undefined);
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
      await served.requests.delete(name, "gracePeriodSeconds=30");
      await served.requests.gone(name);
    },
  );

  test("without a command an image runs its shell, which ends as its input does", async () => {
    const name = served.newName();
    await served.requests.create(name, {});
    const pod = await served.requests.until(name, (one) => terminatedOf(one) !== undefined);
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
      const name = served.newName();
      const { metadata } = await served.requests.create(name, shell(script), { restartPolicy });
      const started = new Set<string | undefined>();
      let pod: Pod | undefined;
      const query = `resourceVersion=${metadata.resourceVersion}&fieldSelector=metadata.name%3D${name}`;
      for await (const { object } of served.requests.watch(query)) {
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
      await served.requests.delete(name, "gracePeriodSeconds=30");
      await served.requests.gone(name);
    },
  );

  test("with a fresh folder each time", async () => {
    const name = served.newName();
    await served.requests.create(name, shell("[ -e mark ] && exit 9; touch mark; exit 2"), {
      restartPolicy: "Always",
    });
    const pod = await served.requests.until(name, isBackedOff);
    expect(pod.status.containerStatuses?.[0]?.lastState.terminated?.exitCode).toBe(2);
    await served.requests.delete(name);
  });

  test("after a StartError too", async () => {
    const name = served.newName();
    await served.requests.create(name, { command: ["no-such-program"] }, { restartPolicy: "Always" });
    const pod = await served.requests.until(name, isBackedOff);
    expect(pod.status.containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      lastState: { terminated: { exitCode: 128 } },
    });
    await served.requests.delete(name);
  });

  test("not with OnFailure after success, and never with Never", async () => {
    for (const [restartPolicy, script, phase] of [
      ["OnFailure", "exit 0", "Succeeded"],
      ["Never", "exit 1", "Failed"],
    ] as const) {
      const name = served.newName();
      await served.requests.create(name, shell(script), { restartPolicy });
      const pod = await served.requests.until(name, ({ status }) => status.phase === phase);
      expect(pod.status.containerStatuses?.[0]?.restartCount).toBe(0);
    }
  });
});

test("several containers each have their own folder, program and end", async () => {
  const name = served.newName();
  const containers: PodSpec["containers"] = [
    {
      name: "one",
      image: "busybox",
      command: ["sh", "-c", "while [ ! -e end ]; do sleep 0.05; done; exit 2"],
    },
    { name: "two", image: "busybox", command: ["sleep", "1000"] },
  ];
  await served.requests.run(name, {}, { containers });
  const homes = await Promise.all(
    ["one", "two"].map((one) => served.exec(name, ["sh", "-c", "echo $HOME"], one)),
  );
  expect(homes[0]).not.toBe(homes[1]);
  await served.exec(name, ["touch", "end"], "one");
  const pod = await served.requests.until(name, (one) => terminatedOf(one) !== undefined);
  expect([pod.status.phase, terminatedOf(pod)?.exitCode, pod.status.containerStatuses?.[1]?.ready]).toEqual([
    "Running",
    2,
    true,
  ]);
  expect(await served.exec(name, ["echo", "still here"], "two")).toBe("still here\n");
  await served.requests.delete(name);
});
