import { once } from "node:events";
import type { ContainerProgram } from "@podwire/devserver";
import { describe, expect, test } from "vitest";
import { serve } from "./serve.ts";
import { openSession } from "./sessions.ts";

const idle: ContainerProgram = async ({ signal }) => {
  await once(signal, "abort");
};
const failing: ContainerProgram = async () => 3;

// A machine may be busy.
const patient = { timeoutMs: 20_000 };
const served = serve("pod", { images: { idle, failing } });

describe("run", () => {
  test("resolves when the Pod is ready, with its name, and deletes it at the end of its block", async () => {
    {
      await using pod = await served.server.pods.run({ image: "idle", ...patient });
      expect(pod).toMatchObject({ name: expect.stringMatching(/^pod-[a-z0-9]{5}$/), namespace: "default" });
      const stored = await served.server.pods.until(pod.name, (one) => one?.status.phase === "Running", {
        timeoutMs: 0,
      });
      expect(stored).toMatchObject({ metadata: { uid: pod.uid }, spec: { restartPolicy: "Never" } });
      await pod.delete();
      await pod.delete();
    }
    expect(await served.server.pods.until("none", (one) => one === undefined, patient)).toBeUndefined();
  });

  test("gives the container all that it was asked for", async () => {
    await using pod = await served.server.pods.run({
      name: "full",
      labels: { app: "web" },
      image: "busybox",
      container: "shell",
      command: ["sh", "-c", 'echo "$GREETING $0"; cat; sleep 1000'],
      args: ["you"],
      env: { GREETING: "hello" },
      stdin: true,
      tty: false,
      spec: { terminationGracePeriodSeconds: 1 },
      ...patient,
    });
    const stored = await served.server.pods.until(pod.name, (one) => one !== undefined, patient);
    expect(stored).toMatchObject({
      metadata: { labels: { app: "web" } },
      spec: { terminationGracePeriodSeconds: 1 },
    });
    const client = await openSession(
      served.server,
      "full/exec?command=sh&command=-c&command=echo%20$GREETING&stdout=true",
    );
    await client.closed;
    expect(client.text(1)).toBe("hello\n");
  });

  test("rejects with the server's own reason for what it does not take", async () => {
    await expect(served.server.pods.run({ name: "Bad_Name", image: "idle" })).rejects.toMatchObject({
      name: "DevServerError",
      code: "REFUSED",
      message: expect.stringMatching(
        /^the server refused the Pod: Pod "Bad_Name" is invalid: metadata\.name: /,
      ),
    });
    await expect(served.server.pods.run({ image: "idle", namespace: "none" })).rejects.toThrow(
      'namespaces "none" not found',
    );
  });

  test.for([
    [
      { image: "idle", spec: { initContainers: [{ name: "first", image: "failing" }] } },
      /^the Pod pod-\w+ does not run: it has failed: first ended with exit code 3$/,
    ],
    [
      { image: "busybox", command: ["/no/such/program"] },
      /^the Pod pod-\w+ does not run: it has failed: main /,
    ],
    [{ image: "nowhere.invalid/none:1" }, /^the Pod pod-\w+ does not run: main waits: ErrImagePull: /],
  ] as const)("rejects when %j cannot become ready", async ([options, message]) => {
    await expect(served.server.pods.run({ ...options, ...patient })).rejects.toMatchObject({
      code: "POD_FAILED",
      message: expect.stringMatching(message),
    });
  });

  test("ends by its signal and its time, and says what the Pod waits for", async () => {
    const reason = new Error("enough");
    await expect(served.server.pods.run({ image: "idle", signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    // Its own container waits for ever.
    const spec = { initContainers: [{ name: "first", image: "idle" }] };
    const late = served.server.pods.run({ name: "late", image: "idle", spec, timeoutMs: 0 });
    await expect(late).rejects.toMatchObject({
      code: "TIMED_OUT",
      message: expect.stringMatching(/^it took more than 0 ms until the Pod late was ready; it is \w+/),
    });
  });
});
