import { loadKubeconfig } from "@podwire/kubeconfig";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  Api,
  type Client,
  type ClientConfig,
  ClientError,
  createClient,
  type OpenAttempt,
  Pod,
} from "../src/index.ts";

// What opening and ending meet on a real cluster: containers of every sort, Pods that do not run, ends of every kind.

const image = process.env["PODWIRE_IMAGE"] ?? "local/busybox:1";
const v5 = "v5.channel.k8s.io";
const v4 = "v4.channel.k8s.io";
const names: string[] = [];

let config: ClientConfig;
let client: Client;
let api: Api<Pod>;

type Spec = NonNullable<Pod["spec"]>;
type Container = Spec["containers"][number];

const shell = (script: string, more: Partial<Container> = {}): Container => ({
  name: "main",
  image,
  // Kubernetes turns $$ in a command into $.
  command: ["sh", "-c", script.replaceAll("$$", () => "$$$$")],
  ...more,
});

async function create(spec: Spec, metadata: Pod["metadata"] = {}): Promise<string> {
  const pod = await api.create({
    metadata: { generateName: "podwire-test-", ...metadata },
    spec: { restartPolicy: "Never", terminationGracePeriodSeconds: 1, ...spec },
  });
  names.push(pod.metadata.name);
  return pod.metadata.name;
}

const running = (name: string) => api.waitFor(name, ({ status }) => status?.phase === "Running");
const echo = "while read -r line; do echo $line; done";

beforeAll(async () => {
  config = await loadKubeconfig();
  client = createClient(config);
  api = new Api(Pod, { client });
});

afterAll(async () => {
  await Promise.all(names.map((name) => api.delete(name, { gracePeriodSeconds: 0 }).catch(() => undefined)));
  await client.close();
});

describe("the subprotocol", () => {
  test("is v4 for output alone, v5 for stdin and for watching a container with stdin", async () => {
    const name = await create({
      containers: [shell(echo, { stdin: true }), shell("sleep 600", { name: "quiet" })],
    });
    const container = "main";
    for (const [open, protocol] of [
      [() => api.exec.stream(name, { container, command: ["true"] }), v4],
      [() => api.exec.stream(name, { container, command: ["true"], stdin: true }), v5],
      [() => api.exec.stream(name, { container, command: ["true"], tty: true }), v5],
      [() => api.attach.stream(name, { container }), v5],
      [() => api.attach.stream(name, { container, stdin: true }), v5],
      [() => api.attach.stream(name, { container: "quiet" }), v4],
    ] as const) {
      await using session = await open();
      expect(session.protocol).toBe(protocol);
    }
  });

  test("below v5 lets go of the connection where stdin is to end, if that is chosen", async () => {
    const name = await create({ containers: [shell("sleep 600")] });
    await using session = await api.exec.stream(name, {
      command: ["sh", "-c", "cat > /tmp/got; echo ended >> /tmp/got"],
      stdin: true,
      protocols: [v4],
      halfClose: "disconnect",
    });
    await session.stdin.write("words\n");
    await session.closeStdin();
    expect(await session.exited).toMatchObject({ kind: "detached" });
    await expect
      .poll(async () => (await api.exec.run(name, { command: ["cat", "/tmp/got"] })).stdout.text(), {
        timeout: 20_000,
      })
      .toBe("words\nended\n");
  });
});

describe("a terminal's first size", () => {
  test("is exec's own", async () => {
    const name = await create({ containers: [shell("sleep 600")] });
    await using session = await api.exec.stream(name, {
      command: ["sh", "-c", "while sleep 0.1; do stty size; done"],
      tty: { width: 100, height: 40 },
    });
    await session.stdout.until("40 100\r\n", { timeoutMs: 10_000 });
  });

  test("makes an attached program draw its screen, even when it is the one it has", async () => {
    const script = "trap 'echo drawn $(stty size)' WINCH; while sleep 0.1; do echo waiting; done";
    const name = await create({ containers: [shell(script, { stdin: true, tty: true })] });
    await using first = await api.attach.stream(name);
    await first.stdout.until("waiting", { timeoutMs: 10_000 });
    for (let time = 0; time < 2; time += 1) {
      await using session = await api.attach.stream(name, { stdin: true, tty: { width: 90, height: 30 } });
      await session.stdout.until("drawn 30 90\r\n", { timeoutMs: 10_000 });
    }
  });
});

describe("the container", () => {
  test("is the annotated one, or one of any sort by its name", async () => {
    const name = await create(
      {
        initContainers: [shell("echo first; read -r line", { name: "init", stdin: true })],
        containers: [shell("sleep 600"), shell(echo, { name: "second", stdin: true })],
      },
      { annotations: { "kubectl.kubernetes.io/default-container": "second" } },
    );
    const init = await api.attach.stream(name, { container: "init", stdin: true });
    await init.stdin.write("go on\n");
    expect(await init.exited).toMatchObject({ kind: "exited", code: 0, source: "pod-status" });

    await using second = await api.attach.stream(name, { stdin: true });
    expect(second.container).toBe("second");
    await second.stdin.write("hello\n");
    await second.stdout.until("hello\n", { timeoutMs: 10_000 });

    if (!config.fetch) throw new Error("the kubeconfig's fetch is missing");
    const added = await config.fetch(
      `${config.server}/api/v1/namespaces/default/pods/${name}/ephemeralcontainers`,
      {
        method: "PATCH",
        headers: { "content-type": "application/strategic-merge-patch+json" },
        body: JSON.stringify({
          spec: { ephemeralContainers: [shell(echo, { name: "debug", stdin: true })] },
        }),
        redirect: "error",
      },
    );
    await added.text();
    expect(added.status).toBe(200);
    await using debug = await api.attach.stream(name, { container: "debug", stdin: true });
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
      const name = await create(spec);
      await expect(api.attach.stream(name)).rejects.toMatchObject({
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
    const name = await create(spec, metadata);
    // How soon a kubelet comes to the point is its own affair.
    await expect
      .poll(
        async () => {
          const run = api.exec.run(name, { command: ["true"], requestTimeoutMs: 1_500 });
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
    const name = await create({ nodeName: "nowhere", containers: [shell("true")] });
    await expect(api.exec.stream(name, { command: ["true"], readPod: false })).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: `pods "nowhere" not found (Pod ${name} is bound to a node nowhere, and there is no such node)`,
    });
  });

  test.each([[[v5]], [[v4]]])(
    "is dialled again over %s until the kubelet knows it, where it is not read",
    async (protocols) => {
      const attempts: OpenAttempt[] = [];
      const name = await create({ containers: [shell(echo, { stdin: true })] });
      // An older API server's refusal comes behind the 101, and may be too late for a session that did not wait for it.
      for (;;) {
        await using session = await api.attach.stream(name, {
          stdin: true,
          readPod: false,
          protocols,
          onAttempt: (attempt) => void attempts.push(attempt),
        });
        await session.stdin.write("hello\n").catch(() => undefined);
        const found = await session.stdout.until("hello\n", { timeoutMs: 10_000 }).catch(() => undefined);
        if (found) break;
        expect(await session.exited).toMatchObject({ kind: "failedToStart" });
      }
      expect(attempts.length).toBeGreaterThan(0);
      for (const { error } of attempts) expect(["CONTAINER_NOT_RUNNING", "NOT_FOUND"]).toContain(error.code);
    },
  );
});

describe("the end of an attached process", () => {
  test("is a lack of memory where the kernel says so", async () => {
    const name = await create({
      containers: [
        shell("read -r line; tail /dev/zero", { stdin: true, resources: { limits: { memory: "20Mi" } } }),
      ],
    });
    const session = await api.attach.stream(name, { stdin: true });
    await session.stdin.write("go\n");
    expect(await session.exited).toMatchObject({
      kind: "signalled",
      signal: 9,
      source: "pod-status",
      oomKilled: true,
    });
  });

  test("is its own, and not that of the one that was started after it", async () => {
    const name = await create({
      restartPolicy: "Always",
      containers: [shell("read -r line; exit 5", { stdin: true })],
    });
    const session = await api.attach.stream(name, { stdin: true });
    await session.stdin.write("go\n");
    expect(await session.exited).toMatchObject({ kind: "exited", code: 5, source: "pod-status" });
  });

  test("is found while the Pod is being deleted", async () => {
    const name = await create({
      containers: [shell("trap 'exit 8' TERM; echo ready; while :; do sleep 0.1; done", { stdin: true })],
      terminationGracePeriodSeconds: 5,
    });
    const session = await api.attach.stream(name);
    await running(name);
    await api.delete(name, { gracePeriodSeconds: 5 });
    expect(await session.exited).toMatchObject({ kind: "exited", code: 8, source: "pod-status" });
  });

  test.each([
    ["stdin without stdinOnce", { stdin: true }],
    ["a terminal", { stdin: true, tty: true }],
  ])("is a detachment soon after stdin has ended, of a container with %s", async (_what, container) => {
    const name = await create({ containers: [shell(echo, container)] });
    await using session = await api.attach.stream(name, { stdin: true });
    await session.stdin.write("one\n");
    await session.stdout.until("one", { timeoutMs: 10_000 });
    const started = performance.now();
    await session.closeStdin();
    expect(await session.exited).toMatchObject({ kind: "detached" });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test("is the exit code, and no detachment, of a process that ends in the same moment", async () => {
    const name = await create({ containers: [shell("read -r line; exit 6", { stdin: true })] });
    await using session = await api.attach.stream(name, { stdin: true });
    await session.stdin.write("go\n");
    await session.closeStdin();
    expect(await session.exited).toMatchObject({ kind: "exited", code: 6 });
  });
});
