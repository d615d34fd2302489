import { afterEach, describe, expect, test, vi } from "vitest";
import type { WebSocket } from "ws";
import { Api, createClient, type OpenAttempt, Pod } from "../src/index.ts";
import { answer, hex, refusal, refuseLate, serve } from "./api-server.ts";
import { podWith } from "./pod-server.ts";

// API servers that translate v5 themselves (1.30 to 1.35) answer 101 and put the kubelet's refusal into a Status.

const translated = "Internal error occurred: unable to upgrade connection: ";
const unreachable =
  'Internal error occurred: error sending request: Post "https://127.0.0.1:10250/exec/d/p/main?command=secret&input=1": dial tcp 127.0.0.1:10250: connect: connection refused';
const pod = podWith({ stdin: true });

function refuse(socket: WebSocket, message: string): void {
  socket.send(hex("01"));
  refuseLate(socket, message);
}

interface Peer {
  /** What the server does with each WebSocket. */
  readonly socket: (socket: WebSocket, number: number) => void;
  readonly readable?: boolean;
}

async function setup({ socket, readable = true }: Peer) {
  let number = 0;
  const server = await serve({
    http: (_, response) =>
      readable ? answer(response, 200, pod) : answer(response, 403, refusal(403, "Forbidden", "no")),
    socket(opened) {
      number += 1;
      socket(opened, number);
    },
  });
  return {
    pods: new Api(Pod, { client: createClient({ server: server.url }) }),
    get dialled() {
      return number;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("a refusal behind the 101", () => {
  test.each([
    `${translated}pod does not exist`,
    `${translated}container main not found in pod p_default`,
    `${translated}container not found ("main")`,
  ])("that says %s is dialled again, as by HTTP", async (message) => {
    const attempts: OpenAttempt[] = [];
    await using peer = await setup({
      socket: (socket, number) => (number < 3 ? refuse(socket, message) : socket.send(hex("01 6f6b"))),
    });
    const session = await peer.pods.attach.stream("p", {
      stdin: true,
      onAttempt: (attempt) => void attempts.push(attempt),
    });
    expect((await session.stdout.until("ok")).match).toBe("ok");
    await session.close();
    expect(peer.dialled).toBe(3);
    expect(attempts.map(({ number, error, delayMs }) => [number, error.status?.message, delayMs])).toEqual([
      [1, message, 100],
      [2, message, 200],
    ]);
  });

  test.each([
    [`${translated}pod does not exist`, "NOT_FOUND"],
    [`${translated}container main not found in pod p_default`, "CONTAINER_NOT_RUNNING"],
  ])("that goes on saying %s is TIMEOUT, with %s as its cause", async (message, code) => {
    // Time passes only between the attempts, however busy the machine is.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await using peer = await setup({ socket: (socket) => refuse(socket, message) });
    const onAttempt = ({ delayMs }: OpenAttempt) => void setImmediate(() => vi.advanceTimersByTime(delayMs));
    const opening = peer.pods.attach.stream("p", { stdin: true, requestTimeoutMs: 400, onAttempt });
    await expect(opening).rejects.toMatchObject({
      code: "TIMEOUT",
      message: expect.stringMatching(/did not open within 400 ms in 3 attempts: .*\(.* yet.*\)$/),
      cause: { code, status: { status: "Failure", message } },
    });
  });

  test("that says that the kubelet cannot be reached is NODE_UNREACHABLE at once, without the command line", async () => {
    await using peer = await setup({ socket: (socket) => refuse(socket, unreachable) });
    const opening = peer.pods.exec.stream("p", { command: ["secret"], stdin: true });
    const error: unknown = await opening.catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "NODE_UNREACHABLE", status: { reason: "InternalError", code: 500 } });
    expect(JSON.stringify(error) + String(error)).not.toContain("secret");
    expect(peer.dialled).toBe(1);
  });

  test("that comes later ends a session that was opened", async () => {
    const sockets: WebSocket[] = [];
    await using peer = await setup({ socket: (socket) => void sockets.push(socket) });
    const session = await peer.pods.attach.stream("p", { stdin: true });
    for (const socket of sockets) refuse(socket, `${translated}container main not found in pod p_default`);
    expect(await session.exited).toMatchObject({
      kind: "failedToStart",
      error: { code: "CONTAINER_NOT_RUNNING" },
    });
    expect(peer.dialled).toBe(1);
  });

  test("is waited for a moment where the Pod may not be read", async () => {
    await using peer = await setup({
      readable: false,
      socket(socket, number) {
        if (number > 1) return socket.send(hex("01 6f6b"));
        // An answer to a ping is one round trip later than the 101.
        socket.ping();
        socket.once("pong", () => refuse(socket, `${translated}pod does not exist`));
      },
    });
    const session = await peer.pods.attach.stream("p", { stdin: true });
    expect((await session.stdout.until("ok")).match).toBe("ok");
    await session.close();
    expect(peer.dialled).toBe(2);
  });

  test("is none when the command itself failed to start, whatever it is called", async () => {
    const message =
      'Internal error occurred: error executing command in container: exec: "pod does not exist": executable file not found';
    await using peer = await setup({ socket: (socket) => refuse(socket, message) });
    const session = await peer.pods.exec.stream("p", { command: ["pod does not exist"], stdin: true });
    expect(await session.exited).toMatchObject({ kind: "failedToStart", error: { message } });
    expect(peer.dialled).toBe(1);
  });
});

test("an opening that is aborted while it waits for a refusal leaves the connection", async () => {
  const controller = new AbortController();
  const reason = new Error("no longer wanted");
  let left = (): void => {};
  const closed = new Promise<void>((resolve) => {
    left = resolve;
  });
  await using peer = await setup({
    readable: false,
    socket(socket) {
      socket.on("close", left);
      controller.abort(reason);
    },
  });
  const { signal } = controller;
  await expect(peer.pods.attach.stream("p", { stdin: true, signal })).rejects.toBe(reason);
  await closed;
});
