import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import { type Behaviour, hex } from "./api-server.ts";
import { servePod } from "./pod-server.ts";

describe("a signal", () => {
  test.each<[string, (abort: () => void) => Behaviour]>([
    ["reading the Pod", (abort) => ({ http: abort })],
    ["the handshake", (abort) => ({ upgrade: abort })],
  ])("aborted during %s rejects with its reason and is left alone", async (_stage, behave) => {
    const controller = new AbortController();
    const reason = new Error("no longer wanted");
    await using peer = await servePod(behave(() => controller.abort(reason)));
    await expect(peer.pods.attach.stream("p", { signal: controller.signal })).rejects.toBe(reason);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  test("aborted after opening ends the session with its reason: readers, writers and exit", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    await using peer = await servePod({ container: { stdin: true } });
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
    await using peer = await servePod();
    const abort = new AbortController();
    const session = await peer.pods.attach.stream("p", { signal: abort.signal });
    // Not before it is open, however busy the machine is.
    abort.abort(new DOMException("too late", "TimeoutError"));
    expect(await session.exited).toMatchObject({ kind: "timedOut", error: { code: "TIMEOUT" } });
    const run = peer.pods.exec.run("p", { command: ["sleep", "60"], signal: AbortSignal.timeout(200) });
    await expect(run).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("has no listener of ours after sessions that ended by themselves, were left, or were never opened", async () => {
    const { signal } = new AbortController();
    await using peer = await servePod({
      container: { stdin: true },
      socket(socket, { query }) {
        if (!query.some(([name]) => name === "stdin")) {
          socket.send(hex("03 7b22737461747573223a2253756363657373227d"));
          socket.close(1000);
        }
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
  await using peer = await servePod({ socket: (socket) => void accepted.push(socket) });
  const session = await peer.pods.attach.stream("p");
  // Reading stops, so the Close is never seen.
  accepted[0]?.pause();
  await session.close();
  expect(await session.exited).toMatchObject({ kind: "detached" });
});
