import { createDevServer } from "@podwire/devserver";
import { describe, expect, test } from "vitest";
import { createRequests } from "./requests.ts";
import { serve } from "./serve.ts";

// A machine may be busy.
const patient = { timeoutMs: 20_000 };
const served = serve("event", {}, async ({ server }) => {
  await server.pods.run({ name: "web", image: "busybox", command: ["sleep", "1000"], ...patient });
});

const configMaps = "/api/v1/namespaces/default/configmaps";

describe("an event", () => {
  test("is seen when it has happened, and when it will", async () => {
    expect(await served.server.events.seen({ reason: "Started", pod: "web" }, patient)).toEqual({
      type: "Normal",
      reason: "Started",
      message: expect.any(String),
      count: 1,
      component: "kubelet",
      about: { kind: "Pod", namespace: "default", name: "web", fieldPath: "spec.containers{main}" },
    });
    const coming = served.server.events.seen(
      { type: "Warning", pod: "lost", message: /pull image/ },
      patient,
    );
    await expect(
      served.server.pods.run({ name: "lost", image: "nowhere.invalid/none:1", ...patient }),
    ).rejects.toThrow();
    expect(await coming).toMatchObject({ reason: "Failed", about: { name: "lost" } });
  });

  test("that does not come is said with those that came", async () => {
    const filter = { reason: "Nothing", message: /^x/, where: () => true };
    await expect(served.server.events.seen(filter, { timeoutMs: 1 })).rejects.toMatchObject({
      code: "TIMED_OUT",
      message: expect.stringMatching(
        /until an event came that is \{"reason":"Nothing","message":"\/\^x\/"\}; there are \["Scheduled"/,
      ),
    });
    const reason = new Error("enough");
    await expect(served.server.events.seen(filter, { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
  });

  test("goes through a loop in its order, until the server closes", async () => {
    const own = await createDevServer();
    const reasons: string[] = [];
    const loop = (async () => {
      for await (const { reason } of own.events) reasons.push(reason);
    })();
    await own.pods.run({ image: "busybox", command: ["sleep", "1000"], ...patient });
    await own.events.seen({ reason: "Started" }, patient);
    await own.close();
    await loop;
    expect(reasons[0]).toBe("Scheduled");
    expect(reasons).toContain("Started");
  });
});

describe("a condition of an object", () => {
  test("is waited for, with the object, or until there is none", async () => {
    const { send } = createRequests(served.server);
    const coming = served.server.events.until("configmaps", "settings", (one) => one !== undefined, patient);
    await send("POST", configMaps, { metadata: { name: "settings" }, data: { a: "1" } });
    expect(await coming).toMatchObject({ kind: "ConfigMap", data: { a: "1" } });
    const gone = served.server.events.until("configmaps", "settings", (one) => one === undefined, patient);
    await send("DELETE", `${configMaps}/settings`);
    expect(await gone).toBeUndefined();
    expect(
      await served.server.events.until("namespaces", "default", (one) => one?.kind === "Namespace", patient),
    ).toBeDefined();
  });

  test("that throws rejects, as does a resource that is not there, and the server's end", async () => {
    const fault = new Error("wrong condition");
    const failing = served.server.events.until("configmaps", "x", () => {
      throw fault;
    });
    await expect(failing).rejects.toBe(fault);
    await expect(served.server.events.until("ConfigMap", "x", () => true)).rejects.toThrow(TypeError);
    const own = await createDevServer();
    const waiting = own.events.until("configmaps", "x", () => false, { timeoutMs: Infinity });
    await Promise.all([own.close(), expect(waiting).rejects.toMatchObject({ code: "CLOSED" })]);
  });
});
