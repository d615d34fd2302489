import { describe, expect, test } from "vitest";
import { ClientError, type OpenAttempt, type Pod } from "../src/index.ts";
import { type Container, echo, type Spec, shell, useCluster } from "./cluster.ts";

// What opening meets on a real cluster: containers of every sort, and Pods that do not run.

const v5 = "v5.channel.k8s.io";
const v4 = "v4.channel.k8s.io";
const cluster = useCluster();
/** A busy kubelet takes its time to write the end down. */
const exitTimeoutMs = 60_000;

describe("the subprotocol", () => {
  test("is v4 for output alone, v5 for stdin and for watching a container with stdin", async () => {
    const name = await cluster.create({
      containers: [shell(echo, { stdin: true }), shell("sleep 600", { name: "quiet" })],
    });
    const container = "main";
    for (const [open, protocol] of [
      [() => cluster.api.exec.stream(name, { container, command: ["true"] }), v4],
      [() => cluster.api.exec.stream(name, { container, command: ["true"], stdin: true }), v5],
      [() => cluster.api.exec.stream(name, { container, command: ["true"], tty: true }), v5],
      [() => cluster.api.attach.stream(name, { container }), v5],
      [() => cluster.api.attach.stream(name, { container, stdin: true }), v5],
      [() => cluster.api.attach.stream(name, { container: "quiet" }), v4],
    ] as const) {
      await using session = await open();
      expect(session.protocol).toBe(protocol);
    }
  });

  test("below v5 lets go of the connection where stdin is to end, if that is chosen", async () => {
    const name = await cluster.create({ containers: [shell("sleep 600")] });
    await using session = await cluster.api.exec.stream(name, {
      command: ["sh", "-c", "cat > /tmp/got; echo ended >> /tmp/got"],
      stdin: true,
      protocols: [v4],
      halfClose: "disconnect",
    });
    await session.stdin.write("words\n");
    await session.closeStdin();
    expect(await session.exited).toMatchObject({ kind: "detached" });
    await expect
      .poll(async () => (await cluster.api.exec.run(name, { command: ["cat", "/tmp/got"] })).stdout.text(), {
        timeout: 20_000,
      })
      .toBe("words\nended\n");
  });
});

describe("a terminal's first size", () => {
  test("is exec's own", async () => {
    const name = await cluster.create({ containers: [shell("sleep 600")] });
    await using session = await cluster.api.exec.stream(name, {
      command: ["sh", "-c", "while sleep 0.1; do stty size; done"],
      tty: { width: 100, height: 40 },
    });
    await session.stdout.until("40 100\r\n", { timeoutMs: 10_000 });
  });

  test("makes an attached program draw its screen, even when it is the one it has", async () => {
    const script = "trap 'echo drawn $(stty size)' WINCH; while sleep 0.1; do echo waiting; done";
    const name = await cluster.create({ containers: [shell(script, { stdin: true, tty: true })] });
    await using first = await cluster.api.attach.stream(name);
    await first.stdout.until("waiting", { timeoutMs: 10_000 });
    for (let time = 0; time < 2; time += 1) {
      await using session = await cluster.api.attach.stream(name, {
        stdin: true,
        tty: { width: 90, height: 30 },
      });
      await session.stdout.until("drawn 30 90\r\n", { timeoutMs: 10_000 });
    }
  });
});

describe("the container", () => {
  test("is the annotated one, or one of any sort by its name", async () => {
    const name = await cluster.create(
      {
        initContainers: [shell("echo first; read -r line", { name: "init", stdin: true })],
        containers: [shell("sleep 600"), shell(echo, { name: "second", stdin: true })],
      },
      { annotations: { "kubectl.kubernetes.io/default-container": "second" } },
    );
    const init = await cluster.api.attach.stream(name, { container: "init", stdin: true, exitTimeoutMs });
    await init.stdin.write("go on\n");
    expect(await init.exited).toMatchObject({ kind: "exited", code: 0, source: "pod-status" });

    await using second = await cluster.api.attach.stream(name, { stdin: true });
    expect(second.container).toBe("second");
    await second.stdin.write("hello\n");
    await second.stdout.until("hello\n", { timeoutMs: 10_000 });

    if (!cluster.config.fetch) throw new Error("the kubeconfig's fetch is missing");
    const added = await cluster.config.fetch(
      `${cluster.config.server}/api/v1/namespaces/default/pods/${name}/ephemeralcontainers`,
      {
        method: "PATCH",
        headers: { "content-type": "application/strategic-merge-patch+json" },
        body: JSON.stringify({
          spec: { ephemeralContainers: [shell(echo, { name: "debug", stdin: true })] },
        }),
        redirect: "manual",
      },
    );
    await added.text();
    expect(added.status).toBe(200);
    await using debug = await cluster.api.attach.stream(name, { container: "debug", stdin: true });
    await debug.stdin.write("from aside\n");
    await debug.stdout.until("from aside\n", { timeoutMs: 10_000 });
  });
});

describe("a Pod that does not run", () => {
  test.each<[string, Partial<Container>, string]>([
    [
      "its image may not be pulled",
      { image: "registry.invalid/missing:1", imagePullPolicy: "Never" },
      "ErrImageNeverPull",
    ],
    ["its image has no valid name", { image: "Not/A/Name" }, "InvalidImageName"],
  ])("is POD_CANNOT_RUN as soon as %s, or that of its init container", async (_why, container, reason) => {
    for (const spec of [
      { containers: [shell("true", container)] },
      { containers: [shell("true")], initContainers: [shell("true", { name: "init", ...container })] },
    ]) {
      const name = await cluster.create(spec);
      await expect(cluster.api.attach.stream(name)).rejects.toMatchObject({
        code: "POD_CANNOT_RUN",
        message: expect.stringContaining(reason),
      });
    }
  });

  test.each<[string, Spec, Pod["metadata"], RegExp]>([
    [
      "its image does not come",
      { containers: [shell("true", { image: "registry.invalid/missing:1" })] },
      {},
      /^container main is waiting: (ErrImagePull|ImagePullBackOff): /,
    ],
    [
      "its init container runs",
      { initContainers: [shell("sleep 600", { name: "init" })], containers: [shell("true")] },
      {},
      /^container main is waiting: PodInitializing, for init container init: it is running$/,
    ],
    [
      "nobody schedules it",
      { containers: [shell("true")] },
      { annotations: { "podwire/unscheduled": "true" } },
      /^the Pod's phase is Pending$/,
    ],
    [
      "it crashes again and again",
      { restartPolicy: "Always", containers: [shell("exit 3")] },
      {},
      /^container main is (waiting: CrashLoopBackOff: |to start again \(exit code 3, Error\))/,
    ],
  ])("is waited for while %s, and that is what TIMEOUT says", async (_why, spec, metadata, expected) => {
    const name = await cluster.create(spec, metadata);
    // How soon a kubelet comes to the point is its own affair.
    await expect
      .poll(
        async () => {
          const run = cluster.api.exec.run(name, { command: ["true"], requestTimeoutMs: 1_500 });
          const error: unknown = await run.catch((caught: unknown) => caught);
          if (!(error instanceof ClientError) || error.code !== "TIMEOUT") return String(error);
          return error.message.replace(
            /^exec to Pod \S+ did not open within 1500 ms( in \d+ attempts)?: /,
            "",
          );
        },
        { timeout: 60_000 },
      )
      .toMatch(expected);
  });

  test("is not said to be missing when its node is", async () => {
    const name = await cluster.create({ nodeName: "nowhere", containers: [shell("true")] });
    await expect(cluster.api.exec.stream(name, { command: ["true"], readPod: false })).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: `pods "nowhere" not found (Pod ${name} is bound to a node nowhere, and there is no such node)`,
    });
  });

  test.each([[[v5]], [[v4]]])(
    "is dialled again over %s until the kubelet knows it, where it is not read",
    async (protocols) => {
      const attempts: OpenAttempt[] = [];
      const name = await cluster.create({
        initContainers: [shell("read -r line", { name: "init", stdin: true })],
        containers: [shell(echo, { stdin: true })],
      });
      let goneOn: Promise<void> | undefined;
      // The container is there no sooner than it has been asked for in vain.
      const goOn = async (): Promise<void> => {
        await using init = await cluster.api.attach.stream(name, {
          container: "init",
          stdin: true,
          exitTimeoutMs,
        });
        await init.stdin.write("go on\n");
        expect(await init.exited).toMatchObject({ kind: "exited", code: 0 });
      };
      // An older API server's refusal comes behind the 101, and may be too late for a session that did not wait for it.
      for (;;) {
        await using session = await cluster.api.attach.stream(name, {
          stdin: true,
          readPod: false,
          protocols,
          onAttempt: (attempt) => {
            attempts.push(attempt);
            goneOn ??= goOn();
          },
        });
        await session.stdin.write("hello\n").catch(() => undefined);
        const found = await session.stdout.until("hello\n", { timeoutMs: 10_000 }).catch(() => undefined);
        if (found) break;
        expect(await session.exited).toMatchObject({ kind: "failedToStart" });
      }
      await goneOn;
      expect(attempts.length).toBeGreaterThan(0);
      for (const { error } of attempts) expect(["CONTAINER_NOT_RUNNING", "NOT_FOUND"]).toContain(error.code);
    },
  );
});
