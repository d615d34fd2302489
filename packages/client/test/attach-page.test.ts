import { createDevServer, type DevServer } from "@podwire/devserver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Api, type Client, ConfigMap, createClient, NotImplementedError, Pod } from "../src/index.ts";

// The page "Attach" of kubex, the library whose shape this one follows: one test for each of its sentences.

const echo = 'while IFS= read -r line; do printf "echo: %s\\n" "$line"; done';

let server: DevServer;
let client: Client;
let api: Api<Pod>;

beforeAll(async () => {
  server = await createDevServer();
  client = createClient(server.config);
  api = new Api(Pod, { client, namespace: "default" });
});

afterAll(async () => {
  await client.close();
  await server.close();
});

async function createPod(
  container: { stdin?: boolean; tty?: boolean; command?: string } = {},
): Promise<string> {
  const { command = echo, ...rest } = container;
  const pod = await api.create({
    metadata: { generateName: "example-attach-" },
    spec: { containers: [{ name: "main", image: "busybox:1.36", command: ["sh", "-c", command], ...rest }] },
  });
  return pod.metadata.name;
}

describe("attach", () => {
  test("works as in the page's example, right after create", async () => {
    const pod = await api.create({
      metadata: { generateName: "example-attach-" },
      spec: {
        containers: [{ name: "main", image: "busybox:1.36", command: ["sh", "-c", echo], stdin: true }],
      },
    });
    expect(pod).toMatchObject({ apiVersion: "v1", kind: "Pod" });
    const { name } = pod.metadata;
    expect(name).toMatch(/^example-attach-[a-z0-9]{5}$/);
    try {
      await using session = await api.attach.stream(name, { stdin: true, stdout: true });
      await session.stdin.write(new TextEncoder().encode("hello\n"));
      let output = "";
      for await (const chunk of session.stdout) {
        output += new TextDecoder().decode(chunk);
        if (output.includes("echo: hello")) break;
      }
      expect(output).toBe("echo: hello\n");
      await session.closeStdin();
    } finally {
      await api.delete(name);
    }
  });

  test("connects to the existing process and starts no new command", async () => {
    // Kubernetes turns $$ in a command into $.
    const name = await createPod({ stdin: true, command: 'while read -r _; do echo "$$$$"; done' });
    const pids: string[] = [];
    for (let i = 0; i < 2; i += 1) {
      await using session = await api.attach.stream(name, { stdin: true });
      await session.stdin.write("\n");
      pids.push((await session.stdout.until(/\d+\n/, { timeoutMs: 15_000 })).match);
    }
    expect(pids[0]).toBe(pids[1]);
  });

  test("succeeds for a container without stdin, and writes are discarded", async () => {
    // Attach brings nothing of what was said before it.
    const name = await createPod({ command: "cat; while :; do echo still here; sleep 0.1; done" });
    await using session = await api.attach.stream(name, { stdin: true });
    await session.stdin.write("nobody reads this\n");
    await session.stdout.until("still here", { timeoutMs: 15_000 });
  });

  test("is there only for resources with the marker; elsewhere using it throws NotImplementedError", () => {
    const configMaps = new Api(ConfigMap, { client });
    expect(() => configMaps.attach).toThrow(NotImplementedError);
    expect(() => configMaps.exec).toThrow(/ConfigMap has no exec/);
  });
});

describe("the session", () => {
  test("is the same type from exec.stream", async () => {
    const name = await createPod({ stdin: true });
    await using attached = await api.attach.stream(name, { stdin: true });
    await using executed = await api.exec.stream(name, { command: ["cat"], stdin: true });
    expect(Object.keys(executed).sort()).toEqual(Object.keys(attached).sort());
    for (const member of ["stdin", "stdout", "stderr", "resize", "closeStdin", "waitForStatus"]) {
      expect(attached).toHaveProperty(member);
    }
  });

  test("has stdout and stderr as async iterables of chunks", async () => {
    const name = await createPod({ command: "sleep 60" });
    await using session = await api.exec.stream(name, { command: ["sh", "-c", "echo out; echo err >&2"] });
    for (const [output, text] of [
      [session.stdout, "out\n"],
      [session.stderr, "err\n"],
    ] as const) {
      let seen = "";
      for await (const chunk of output) {
        expect(chunk).toBeInstanceOf(Uint8Array);
        seen += new TextDecoder().decode(chunk);
      }
      expect(seen).toBe(text);
    }
  });

  test("half-closes stdin, any number of times", async () => {
    const name = await createPod({ command: "sleep 60" });
    await using session = await api.exec.stream(name, { command: ["cat"], stdin: true });
    await session.stdin.write("abc");
    await session.closeStdin();
    await session.closeStdin();
    expect(await session.stdout.text()).toBe("abc");
  });

  test("awaits the final status, which is undefined when there was none", async () => {
    const name = await createPod({ command: "sleep 60" });
    const done = await api.exec.stream(name, { command: ["true"] });
    expect(await done.waitForStatus()).toMatchObject({ status: "Success" });
    const left = await api.exec.stream(name, { command: ["sleep", "60"] });
    const status = left.waitForStatus();
    await left.close();
    expect(await status).toBeUndefined();
  });

  test("with a terminal resizes, and its stderr closes at once", async () => {
    const name = await createPod({ stdin: true, tty: true });
    await using session = await api.attach.stream(name, { stdin: true, tty: true });
    expect(await session.stderr.bytes()).toEqual(new Uint8Array(0));
    await session.resize(100, 40);
    await session.stdin.write("hi\n");
    await session.stdout.until("echo: hi", { timeoutMs: 15_000 });
  });

  test("can be left early at any point without deadlocking", async () => {
    const name = await createPod({ command: "sleep 60" });
    await using session = await api.exec.stream(name, { command: ["yes"] });
    for await (const _ of session.stdout) break;
  });
});

describe("the options of stream", () => {
  test("require a container name for a Pod with several containers", async () => {
    const { metadata } = await api.create({
      metadata: { generateName: "two-" },
      spec: {
        containers: ["a", "b"].map((name) => ({
          name,
          image: "busybox:1.36",
          command: ["sh", "-c", echo],
          stdin: true,
        })),
      },
    });
    await expect(api.attach.stream(metadata.name, { stdin: true })).rejects.toMatchObject({
      code: "BAD_REQUEST",
      message: `a container name must be specified for pod ${metadata.name}, choose one of: [a b]`,
    });
    await using session = await api.attach.stream(metadata.name, { stdin: true, container: "b" });
    expect(session.container).toBe("b");
    await session.stdin.write("to b\n");
    await session.stdout.until("echo: to b", { timeoutMs: 15_000 });
  });

  test("override the Api's namespace", async () => {
    const name = await createPod({ stdin: true });
    const elsewhere = new Api(Pod, { client, namespace: "elsewhere" });
    await expect(elsewhere.attach.stream(name)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await using session = await elsewhere.attach.stream(name, { namespace: "default" });
    expect(session.container).toBe("main");
  });

  test("override the client's timeout", async () => {
    const patient = createClient({ ...server.config, requestTimeoutMs: 60_000 });
    const { metadata } = await api.create({
      metadata: { generateName: "never-" },
      spec: { containers: [{ name: "main", image: "registry.invalid/missing:1" }] },
    });
    await expect(
      new Api(Pod, { client: patient }).attach.stream(metadata.name, { requestTimeoutMs: 300 }),
    ).rejects.toMatchObject({ code: "TIMEOUT" });
  });

  test("leave stdout on, and give what was asked for and no more", async () => {
    const name = await createPod({ command: "sleep 60" });
    await using session = await api.exec.stream(name, {
      command: ["sh", "-c", "echo out; echo err >&2"],
      stderr: false,
    });
    expect(await session.stdout.text()).toBe("out\n");
    expect(await session.stderr.text()).toBe("");
  });
});
