import { afterEach, describe, expect, test, vi } from "vitest";
import type { OpenAttempt } from "../src/index.ts";
import { answer, refusal } from "./api-server.ts";
import { podWith, refusedUpgrade, servePod } from "./pod-server.ts";

// What opening makes of the Pod it finds, and of a kubelet that does not know it.

/** Time passes only when a test lets it: how busy the machine is does not matter. */
const stopTime = () => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });

afterEach(() => {
  vi.useRealTimers();
});

describe("a Pod", () => {
  test("that may not be read is attached to all the same, with a warning", async () => {
    await using peer = await servePod({
      http: (_, response) => answer(response, 403, refusal(403, "Forbidden", "no")),
    });
    const session = await peer.pods.attach.stream("p");
    expect(session.warnings).toEqual([expect.stringMatching(/could not be read \(forbidden\)/)]);
    await session.close();
  });

  test("that is not there is NOT_FOUND without an upgrade", async () => {
    await using peer = await servePod({
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
    await using peer = await servePod({
      http(_, response) {
        const state = over ? { terminated: { exitCode: 3 } } : { running: {} };
        const { spec, ...rest } = podWith({}, state);
        answer(response, 200, { ...rest, spec: { ...spec, restartPolicy: "Never" } });
      },
      upgrade(_, socket) {
        over = true;
        socket.end(refusedUpgrade(500, 'container not found ("main")'));
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
    await using peer = await servePod({ http: (_, response) => answer(response, 200, never) });
    await expect(peer.pods.exec.run("p", { command: ["true"] })).rejects.toMatchObject({
      code: "POD_CANNOT_RUN",
      message: "cannot exec to Pod p: container main has ended (exit code 9)",
    });
    expect(peer.upgrades()).toEqual([]);
  });

  test("that does not run in time is TIMEOUT, with what it waited for", async () => {
    stopTime();
    const waiting = podWith({}, { waiting: { reason: "ImagePullBackOff", message: "no such image" } });
    await using peer = await servePod({
      http({ query }, response) {
        if (query.some(([name]) => name === "watch")) vi.advanceTimersByTime(100);
        else answer(response, 200, waiting);
      },
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
    await using peer = await servePod({
      upgrade(_, socket) {
        dialled += 1;
        socket.end(dialled < 3 ? refusedUpgrade(Number(status), body) : refusedUpgrade(400, "enough"));
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
    stopTime();
    await using peer = await servePod({
      upgrade: (_, socket) => socket.end(refusedUpgrade(500, "container main not found in pod p_default")),
    });
    const onAttempt = ({ delayMs }: OpenAttempt) => void setImmediate(() => vi.advanceTimersByTime(delayMs));
    await expect(
      peer.pods.attach.stream("p", { readPod: false, requestTimeoutMs: 250, onAttempt }),
    ).rejects.toMatchObject({
      code: "TIMEOUT",
      message: expect.stringMatching(
        /within 250 ms in 2 attempts: container main not found in pod p_default/,
      ),
      cause: { code: "CONTAINER_NOT_RUNNING", httpStatus: 500 },
    });
  });
});

test("a server whose handshake never ends is TIMEOUT", async () => {
  await using peer = await servePod({ upgrade: () => undefined });
  await expect(peer.pods.attach.stream("p", { requestTimeoutMs: 100 })).rejects.toMatchObject({
    code: "TIMEOUT",
  });
});
