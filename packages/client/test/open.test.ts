import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import {
  Api,
  createClient,
  type OpenAttempt,
  Pod,
  type StreamOptions,
  type StreamSession,
} from "../src/index.ts";
import { answer, type Behaviour, hex, refusal, serve } from "./api-server.ts";

// Opening attach and exec: which Pod, which container, which subprotocol, and how it goes wrong.

const v5 = "v5.channel.k8s.io";
const v4 = "v4.channel.k8s.io";

function podWith(container: object = {}, state: object = { running: {} }) {
  return {
    metadata: { name: "p", resourceVersion: "1" },
    spec: { containers: [{ name: "main", ...container }] },
    status: { phase: "Running", containerStatuses: [{ name: "main", state }] },
  };
}

async function setup(behaviour: Behaviour & { readonly container?: object } = {}) {
  const server = await serve({
    http: (_, response) => answer(response, 200, podWith(behaviour.container)),
    ...behaviour,
  });
  return {
    server,
    pods: new Api(Pod, { client: createClient({ server: server.url }) }),
    /** The upgrade requests, with what they offered. */
    upgrades: () =>
      server.exchanges
        .filter(({ headers }) => headers.upgrade)
        .map(({ path, query, headers }) => ({ path, query, offered: headers["sec-websocket-protocol"] })),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describe("the request of a session", () => {
  test("of exec repeats the command's words, and leaves out what is false", async () => {
    await using peer = await setup();
    const command = ["sh", "-c", "echo 'a b' \"$HOME\" ü & +%20", ""];
    const session = await peer.pods.exec.stream("p", { command, stderr: false, namespace: "ns" });
    await session.close();
    expect(peer.upgrades()).toEqual([
      {
        path: "/api/v1/namespaces/ns/pods/p/exec",
        query: [["container", "main"], ...command.map((word) => ["command", word]), ["stdout", "true"]],
        offered: v4,
      },
    ]);
  });

  test.each<[string, object, StreamOptions, string[], Partial<StreamSession>]>([
    [
      "asks for output alone by default",
      {},
      {},
      ["stdout", "stderr"],
      { protocol: v4, tty: false, warnings: [] },
    ],
    [
      "asks for stdin too where it is wanted",
      { stdin: true },
      { stdin: true },
      ["stdin", "stdout", "stderr"],
      { protocol: v5 },
    ],
    [
      "follows the container's terminal and then asks for no stderr",
      { stdin: true, tty: true },
      { stdin: true },
      ["stdin", "stdout", "tty"],
      { protocol: v5, tty: true },
    ],
    [
      "asks for no terminal that is not there, and says so",
      {},
      { tty: true },
      ["stdout"],
      { tty: false, warnings: ["container main has no terminal"] },
    ],
    [
      "asks for no stdin that is not there, and says so",
      {},
      { stdin: true },
      ["stdout", "stderr"],
      { warnings: ["container main was created without stdin: true, so what is written is discarded"] },
    ],
  ])("of attach %s", async (_rule, container, options, flags, members) => {
    await using peer = await setup({ container });
    const session = await peer.pods.attach.stream("p", options);
    expect(session).toMatchObject({ container: "main", ...members });
    await session.close();
    expect(peer.upgrades()[0]?.query).toEqual([
      ["container", "main"],
      ...flags.map((flag) => [flag, "true"]),
    ]);
  });

  test("keeps a named container and one that was not read", async () => {
    await using peer = await setup();
    for (const options of [{}, { container: "side" }]) {
      const session = await peer.pods.attach.stream("p", { readPod: false, ...options });
      await session.close();
    }
    expect(peer.upgrades().map(({ query }) => query.filter(([name]) => name === "container"))).toEqual([
      [],
      [["container", "side"]],
    ]);
    expect(peer.server.exchanges).toHaveLength(2);
  });

  test("carries the token as a header", async () => {
    await using peer = await setup();
    const client = createClient({ server: peer.server.url, token: "secret" });
    const session = await new Api(Pod, { client }).attach.stream("p");
    await session.close();
    expect(peer.server.exchanges.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer secret",
      "Bearer secret",
    ]);
  });
});

describe("v4, where a runtime takes no stdin for its end", () => {
  const query = ["container", "stdin", "stdout", "stderr"];

  test("is offered only with stdin when the container has one: without, its stdin would be closed for good", async () => {
    await using peer = await setup({ protocols: [v4], container: { stdin: true, stdinOnce: true } });
    const session = await peer.pods.attach.stream("p");
    expect(session.protocol).toBe(v4);
    await expect(session.stdin.write("x")).rejects.toThrow(TypeError);
    await session.close();
    expect(peer.upgrades().map(({ offered, query }) => [offered, query.map(([name]) => name)])).toEqual([
      [v5, ["container", "stdout", "stderr"]],
      [v4, query],
    ]);
  });

  test("alone is dialled once", async () => {
    await using peer = await setup({ protocols: [v4], container: { stdin: true } });
    const session = await peer.pods.attach.stream("p", { protocols: [v4] });
    await session.close();
    expect(peer.upgrades().map(({ query }) => query.map(([name]) => name))).toEqual([query]);
  });

  test("is offered alone where nothing can be cut, and v5 to a server that refuses it", async () => {
    await using peer = await setup({ protocols: [v5] });
    const session = await peer.pods.attach.stream("p");
    expect(session.protocol).toBe(v5);
    await session.close();
    expect(peer.upgrades().map(({ offered }) => offered)).toEqual([v4, v5]);
  });

  test("is dialled once where there is nobody to connect to", async () => {
    let dialled = 0;
    await using peer = await setup({
      upgrade(_, socket) {
        dialled += 1;
        socket.destroy();
      },
    });
    await expect(peer.pods.attach.stream("p")).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
    expect(dialled).toBe(1);
  });

  test("with halfClose, ends the connection where stdin is to end", async () => {
    const received: string[] = [];
    await using peer = await setup({
      protocols: [v4],
      container: { stdin: true },
      socket: (socket) => socket.on("message", (data) => received.push(data.toString("hex"))),
    });
    const session = await peer.pods.attach.stream("p", { stdin: true, halfClose: "disconnect" });
    await session.stdin.write("hi");
    await session.closeStdin();
    expect(await session.exited).toMatchObject({ kind: "detached" });
    expect(received.filter((message) => message !== "00")).toEqual(["006869"]);
  });

  test("gives a terminal's exec stdin, whose output it would cut", async () => {
    await using peer = await setup({ protocols: [v4] });
    const session = await peer.pods.exec.stream("p", { command: ["top"], tty: true });
    await session.close();
    expect(peer.upgrades().map(({ query }) => query.some(([name]) => name === "stdin"))).toEqual([
      false,
      true,
    ]);
  });

  test("is not tried after any other refusal", async () => {
    await using peer = await setup({
      container: { stdin: true },
      upgrade: (_, socket) => socket.end(text(401, "no")),
    });
    await expect(peer.pods.attach.stream("p")).rejects.toMatchObject({ code: "UNAUTHORIZED" });
    expect(peer.upgrades()).toHaveLength(1);
  });
});

describe("a Pod", () => {
  test("that may not be read is attached to all the same, with a warning", async () => {
    await using peer = await setup({
      http: (_, response) => answer(response, 403, refusal(403, "Forbidden", "no")),
    });
    const session = await peer.pods.attach.stream("p");
    expect(session.warnings).toEqual([expect.stringMatching(/could not be read \(forbidden\)/)]);
    await session.close();
  });

  test("that is not there is NOT_FOUND without an upgrade", async () => {
    await using peer = await setup({
      http: (_, response) => answer(response, 404, refusal(404, "NotFound", "x")),
    });
    await expect(peer.pods.attach.stream("p")).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: 'pods "p" not found',
    });
    expect(peer.upgrades()).toEqual([]);
  });

  test("that comes to its end after an attempt says so, with the attempt as the cause", async () => {
    let over = false;
    await using peer = await setup({
      http(_, response) {
        const state = over ? { terminated: { exitCode: 3 } } : { running: {} };
        const { spec, ...rest } = podWith({}, state);
        answer(response, 200, { ...rest, spec: { ...spec, restartPolicy: "Never" } });
      },
      upgrade(_, socket) {
        over = true;
        socket.end(text(500, 'container not found ("main")'));
      },
    });
    await expect(peer.pods.exec.stream("p", { command: ["true"] })).rejects.toMatchObject({
      code: "POD_CANNOT_RUN",
      message: "cannot exec to Pod p: container main has ended (exit code 3)",
      cause: { code: "CONTAINER_NOT_RUNNING", body: 'container not found ("main")' },
    });
  });

  test("that can never run is POD_CANNOT_RUN without an upgrade", async () => {
    const never = {
      ...podWith({}, { terminated: { exitCode: 9 } }),
      spec: { restartPolicy: "Never", containers: [{ name: "main" }] },
    };
    await using peer = await setup({ http: (_, response) => answer(response, 200, never) });
    await expect(peer.pods.exec.run("p", { command: ["true"] })).rejects.toMatchObject({
      code: "POD_CANNOT_RUN",
      message: "cannot exec to Pod p: container main has ended (exit code 9)",
    });
    expect(peer.upgrades()).toEqual([]);
  });

  test("that does not run in time is TIMEOUT, with what it waited for", async () => {
    const waiting = podWith({}, { waiting: { reason: "ImagePullBackOff", message: "no such image" } });
    await using peer = await setup({
      http: ({ query }, response) =>
        query.some(([name]) => name === "watch")
          ? void response.flushHeaders()
          : answer(response, 200, waiting),
    });
    await expect(peer.pods.attach.stream("p", { requestTimeoutMs: 100 })).rejects.toMatchObject({
      code: "TIMEOUT",
      message:
        "attach to Pod p did not open within 100 ms: container main is waiting: ImagePullBackOff: no such image",
    });
  });

  test.each([
    ["404", "pod does not exist"],
    ["500", 'container not found ("main")'],
    ["500", "container main not found in pod p_default"],
    ["500", "rpc error: code = Unknown desc = container is in CONTAINER_CREATED state"],
  ])("whose kubelet says %s %s is dialled again, and each attempt is told", async (status, body) => {
    const attempts: OpenAttempt[] = [];
    let dialled = 0;
    await using peer = await setup({
      upgrade(_, socket) {
        dialled += 1;
        socket.end(dialled < 3 ? text(Number(status), body) : text(400, "enough"));
      },
    });
    const onAttempt = (attempt: OpenAttempt) => void attempts.push(attempt);
    await expect(peer.pods.attach.stream("p", { onAttempt })).rejects.toMatchObject({ code: "BAD_REQUEST" });
    expect(peer.upgrades()).toHaveLength(3);
    const error = expect.objectContaining({ message: expect.stringContaining(body) });
    expect(attempts).toEqual([
      { number: 1, error, delayMs: 100 },
      { number: 2, error, delayMs: 200 },
    ]);
  });

  test("whose kubelet never knows it is TIMEOUT, with the kubelet's words", async () => {
    await using peer = await setup({
      upgrade: (_, socket) => socket.end(text(500, "container main not found in pod p_default")),
    });
    await expect(
      peer.pods.attach.stream("p", { readPod: false, requestTimeoutMs: 250 }),
    ).rejects.toMatchObject({
      code: "TIMEOUT",
      message: expect.stringMatching(
        /within 250 ms in 2 attempts: container main not found in pod p_default/,
      ),
      cause: { code: "CONTAINER_NOT_RUNNING", httpStatus: 500 },
    });
  });
});

describe("a signal", () => {
  test.each<[string, (abort: () => void) => Behaviour]>([
    ["reading the Pod", (abort) => ({ http: abort })],
    ["the handshake", (abort) => ({ upgrade: abort })],
  ])("aborted during %s rejects with its reason and is left alone", async (_stage, behave) => {
    const controller = new AbortController();
    const reason = new Error("no longer wanted");
    await using peer = await setup(behave(() => controller.abort(reason)));
    await expect(peer.pods.attach.stream("p", { signal: controller.signal })).rejects.toBe(reason);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  test("aborted after opening ends the session with its reason: readers, writers and exit", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    await using peer = await setup({ container: { stdin: true } });
    const session = await peer.pods.attach.stream("p", { stdin: true, signal: controller.signal });
    const reading = session.stdout.text();
    controller.abort(reason);
    await expect(reading).rejects.toBe(reason);
    expect(await session.exited).toMatchObject({ kind: "aborted", reason });
    expect(await session.waitForStatus()).toBeUndefined();
    await expect(session.stdin.write("x")).rejects.toMatchObject({ code: "SESSION_ENDED" });
    await session.close();
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  test("that times out, as AbortSignal.timeout does, is a TIMEOUT of the session and the reason of a run", async () => {
    await using peer = await setup();
    const session = await peer.pods.attach.stream("p", { signal: AbortSignal.timeout(200) });
    expect(await session.exited).toMatchObject({ kind: "timedOut", error: { code: "TIMEOUT" } });
    const run = peer.pods.exec.run("p", { command: ["sleep", "60"], signal: AbortSignal.timeout(200) });
    await expect(run).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("has no listener of ours after sessions that ended by themselves, were left, or were never opened", async () => {
    const { signal } = new AbortController();
    await using peer = await setup({
      container: { stdin: true },
      socket(socket, { query }) {
        if (!query.some(([name]) => name === "stdin")) endWell(socket);
      },
    });
    await peer.pods.exec.run("p", { command: ["true"], signal });
    const left = await peer.pods.attach.stream("p", { stdin: true, signal });
    await left.stdout.until("never", { timeoutMs: 10, signal }).catch(() => undefined);
    await left.close();
    await peer.pods.exec
      .stream("p", { command: ["true"], protocols: ["v4.base64.channel.k8s.io"], signal })
      .catch(() => undefined);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});

test("a peer that does not answer a close holds nobody up beyond the deadline", async () => {
  const accepted: WebSocket[] = [];
  await using peer = await setup({ socket: (socket) => void accepted.push(socket) });
  const session = await peer.pods.attach.stream("p");
  // Reading stops, so the Close is never seen.
  accepted[0]?.pause();
  await session.close();
  expect(await session.exited).toMatchObject({ kind: "detached" });
});

test("a server whose handshake never ends is TIMEOUT", async () => {
  await using peer = await setup({ upgrade: () => undefined });
  await expect(peer.pods.attach.stream("p", { requestTimeoutMs: 100 })).rejects.toMatchObject({
    code: "TIMEOUT",
  });
});

function text(status: number, body: string): string {
  return `HTTP/1.1 ${status} Refused\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
}

function endWell(socket: WebSocket): void {
  socket.send(hex("03 7b22737461747573223a2253756363657373227d"));
  socket.close(1000);
}
