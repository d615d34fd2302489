import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import { Api, createClient, type Exit, Pod } from "../src/index.ts";
import { answer, hex, refusal, refuseLate, serve } from "./api-server.ts";

// Attach's own status is Success for every end: what the Pod says afterwards decides.

const id = "containerd://first";
const success = hex("03 7b22737461747573223a2253756363657373227d");
const enough = new Error("enough");
const running = { running: { startedAt: "now" } };
const ended = (exitCode: unknown, more: object = {}) => ({
  terminated: { exitCode, containerID: id, ...more },
});

function podWith(status: object, container: object = { stdin: true, stdinOnce: true }) {
  return {
    metadata: { name: "p", resourceVersion: "1" },
    spec: { containers: [{ name: "main", ...container }] },
    status: { phase: "Running", containerStatuses: [{ name: "main", containerID: id, ...status }] },
  };
}

/** What becomes of another attach: it stays open, is refused, ends, or a kubelet that has just started knows no Pod. */
type Probe = "open" | "refused" | "ended" | "unknown";

interface Case {
  /** What reading the Pod gives after the end: an object, an HTTP status, or nothing for ever. */
  readonly after: object | number | undefined;
  readonly probe?: Probe;
  readonly container?: object;
  readonly closeStdin?: boolean;
  readonly readPod?: boolean;
  readonly exitTimeoutMs?: number;
  /** Aborts while the Pod is read after the end. */
  readonly abort?: boolean;
}

function refuse(socket: WebSocket, words: string): void {
  refuseLate(socket, `Internal error occurred: unable to upgrade connection: ${words}`);
}

/** Attaches to a running container, lets the server say Success, and answers with the exit and with what was asked afterwards. */
async function exitAfter({
  after,
  probe = "refused",
  container,
  closeStdin = false,
  readPod = true,
  // On a busy machine an attach may take long to open, and another one has three times that.
  exitTimeoutMs = 60_000,
  abort = false,
}: Case): Promise<{ exit: Exit; probes: readonly string[]; reads: number }> {
  let over = false;
  let reads = 0;
  let probed = 0;
  const control = new AbortController();
  await using server = await serve({
    http({ query }, response: ServerResponse) {
      if (over) reads += 1;
      if (query.some(([name]) => name === "watch"))
        return answer(response, 403, refusal(403, "Forbidden", "no"));
      if (!over) return answer(response, 200, podWith({ state: running }, container));
      if (typeof after === "number") return answer(response, after, refusal(after, "", "no"));
      if (after) answer(response, 200, after);
      if (abort) control.abort(enough);
    },
    socket(socket) {
      const end = (): void => {
        over = true;
        socket.send(success);
        socket.close(1000);
      };
      if (over) {
        if (probe === "ended") end();
        if (probe === "refused") refuse(socket, "container main not found in pod p_default");
        if (probe === "unknown" && probed++ === 0) refuse(socket, "pod does not exist");
      } else if (closeStdin) socket.on("message", end);
      else end();
    },
  });
  const api = new Api(Pod, { client: createClient({ server: server.url }) });
  const session = await api.attach.stream("p", {
    stdin: true,
    readPod,
    exitTimeoutMs,
    signal: control.signal,
  });
  if (closeStdin) await session.closeStdin();
  const exit = await session.exited;
  const upgrades = server.exchanges.filter(({ headers }) => headers.upgrade).slice(1);
  const probes = upgrades.map(
    ({ query, headers }) => `${headers["sec-websocket-protocol"]} ${query.map(([name]) => name).join()}`,
  );
  return { exit, probes, reads };
}

const stillRuns = (container: object) => podWith({ state: running }, container);

describe("the exit of an attached process", { concurrent: true }, () => {
  test.each<[string, Case, Partial<Exit>]>([
    [
      "is the exit code in the Pod",
      { after: podWith({ state: ended(7) }) },
      { kind: "exited", code: 7, source: "pod-status" },
    ],
    ["may be 0", { after: podWith({ state: ended(0) }) }, { kind: "exited", code: 0, source: "pod-status" }],
    [
      "may be a signal above 128",
      { after: podWith({ state: ended(143) }) },
      { kind: "signalled", signal: 15, code: 143, oomKilled: false },
    ],
    [
      "may be a signal that the runtime names",
      { after: podWith({ state: ended(1, { signal: 9 }) }) },
      { kind: "signalled", signal: 9, code: 1 },
    ],
    [
      "may be a lack of memory",
      { after: podWith({ state: ended(137, { reason: "OOMKilled" }) }) },
      { kind: "signalled", signal: 9, oomKilled: true },
    ],
    [
      "is found in the last state when the container was restarted",
      { after: podWith({ containerID: "containerd://second", state: running, lastState: ended(3) }) },
      { kind: "exited", code: 3 },
    ],
    [
      "is unknown, and not that of another instance, when it was restarted twice",
      {
        after: podWith({
          containerID: "containerd://third",
          state: running,
          lastState: { terminated: { exitCode: 5, containerID: "containerd://second" } },
        }),
      },
      { kind: "endedWithoutStatus" },
    ],
    ["is unknown when the Pod is gone", { after: 404 }, { kind: "endedWithoutStatus" }],
    ["is unknown when the Pod may not be read any more", { after: 403 }, { kind: "endedWithoutStatus" }],
    [
      "is unknown when nothing answers in time",
      { after: undefined, exitTimeoutMs: 300 },
      {
        kind: "endedWithoutStatus",
        error: expect.objectContaining({
          message: expect.stringMatching(/: the Pod did not tell the container's end within 300 ms$/),
        }),
      },
    ],
    [
      "is unknown when the code is no number",
      { after: podWith({ state: ended("7") }), exitTimeoutMs: 300 },
      { kind: "endedWithoutStatus" },
    ],
    [
      "is unknown when the Pod says that the container runs, and its runtime was not asked yet",
      { after: stillRuns({}), exitTimeoutMs: 300, probe: "open" },
      { kind: "endedWithoutStatus" },
    ],
    ["is unknown when the Pod was not read", { after: 500, readPod: false }, { kind: "endedWithoutStatus" }],
    [
      "is not looked for after an abort",
      { after: undefined, abort: true },
      { kind: "endedWithoutStatus", error: expect.objectContaining({ cause: enough }) },
    ],
    [
      "is the exit code when stdin was ended and the container ended with it",
      { after: podWith({ state: ended(4) }), closeStdin: true },
      { kind: "exited", code: 4 },
    ],
    [
      "is the exit code when the container ended in the moment of a detachment: its runtime refuses another attach",
      {
        after: podWith({ state: ended(5) }, { stdin: true }),
        container: { stdin: true },
        closeStdin: true,
        probe: "refused",
      },
      { kind: "exited", code: 5 },
    ],
    [
      "is the exit code when the container ended in the moment of a detachment: another attach ends at once",
      {
        after: podWith({ state: ended(5) }, { stdin: true }),
        container: { stdin: true },
        closeStdin: true,
        probe: "ended",
      },
      { kind: "exited", code: 5 },
    ],
  ])("%s", async (_rule, one, expected) => {
    const { exit } = await exitAfter(one);
    expect(exit).toMatchObject({ status: { status: "Success" }, closeCode: 1000, ...expected });
    if (exit.kind === "endedWithoutStatus") {
      expect(exit.error).toMatchObject({
        code: "ENDED_WITHOUT_STATUS",
        message: expect.stringMatching(/^the attached stream ended, its exit code is unknown: /),
      });
    }
  });

  test.each([
    ["stdin: true", { stdin: true }, "container,stdout"],
    ["a terminal", { stdin: true, stdinOnce: true, tty: true }, "container,stdout,tty"],
  ])(
    "of %s is a detachment, whatever the Pod says, when stdin was ended and another attach stays open",
    async (_what, container, query) => {
      // The Pod's status is behind: what it says now is no proof.
      const { exit, probes, reads } = await exitAfter({
        after: stillRuns(container),
        container,
        closeStdin: true,
        probe: "open",
      });
      expect(exit).toMatchObject({ kind: "detached" });
      expect(reads).toBe(0);
      // Without stdin, which below v5 would be taken for its end.
      expect(probes).toEqual([`v5.channel.k8s.io ${query}`]);
    },
  );

  test("of a container that goes on running is a detachment too, once its Pod had the time to say otherwise", async () => {
    const { exit, probes } = await exitAfter({ after: stillRuns({}), probe: "open" });
    expect(exit).toMatchObject({ kind: "detached" });
    expect(probes).toHaveLength(1);
  });

  test("is asked for again where a kubelet that has just started knows nothing of the container", async () => {
    const container = { stdin: true };
    const { exit, probes } = await exitAfter({
      after: stillRuns(container),
      container,
      closeStdin: true,
      probe: "unknown",
    });
    expect(exit).toMatchObject({ kind: "detached" });
    expect(probes).toHaveLength(2);
  });

  test("is looked for without asking the runtime where the Pod tells it", async () => {
    const { probes } = await exitAfter({ after: podWith({ state: ended(0) }), probe: "open" });
    expect(probes).toEqual([]);
  });
});
