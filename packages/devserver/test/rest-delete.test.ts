import { describe, expect, test } from "vitest";
import type { Pod } from "../src/pods/pod.ts";
import { shell } from "./requests.ts";
import { serve } from "./serve.ts";

const forever = shell("sleep 1000");
const stubborn = { image: "stubborn" };
const served = serve("delete", { images: { stubborn: () => new Promise(() => undefined) } });
const parsed = async (reply: Promise<{ readonly text: string }>) => JSON.parse((await reply).text);

describe("delete", () => {
  test("takes the grace period of the Pod, and answers with the Pod that is ending", async () => {
    await served.requests.run("graceful", stubborn, { terminationGracePeriodSeconds: 600 });
    const before = Date.now();
    const { status, text } = await served.requests.delete("graceful", "");
    const { metadata }: Pod = JSON.parse(text);
    expect([status, metadata.deletionGracePeriodSeconds]).toEqual([200, 600]);
    const seconds = (Date.parse(metadata.deletionTimestamp ?? "") - before) / 1_000;
    expect(seconds).toBeGreaterThan(598);
    expect(seconds).toBeLessThan(603);
    expect((await served.requests.get("graceful")).metadata).toMatchObject(metadata);
    await served.requests.delete("graceful");
    await expect(served.requests.get("graceful")).rejects.toThrow("not found");
  });

  test("takes the grace period of the query, and rather that of the body", async () => {
    await served.requests.run("asked", stubborn);
    const graceOf = async (query: string, body?: unknown) =>
      (await parsed(served.requests.delete("asked", query, body))).metadata.deletionGracePeriodSeconds;
    expect(await graceOf("gracePeriodSeconds=500")).toBe(500);
    expect(await graceOf("gracePeriodSeconds=300", { gracePeriodSeconds: 400 })).toBe(400);
    // A second request can shorten the time, and not lengthen it, whatever the Pod's own is.
    expect(await graceOf("gracePeriodSeconds=450")).toBe(400);
    expect(await graceOf("")).toBe(400);
    expect(await graceOf("gracePeriodSeconds=-1", { gracePeriodSeconds: -1 })).toBe(1);
    await served.requests.gone("asked");
  });

  test("of a Pod that has ended needs no grace", async () => {
    await served.requests.create("ended", shell("exit 0"));
    await served.requests.until("ended", ({ status }) => status.phase === "Succeeded");
    const { text } = await served.requests.delete("ended", "");
    expect(JSON.parse(text).metadata.deletionGracePeriodSeconds).toBe(0);
    await expect(served.requests.get("ended")).rejects.toThrow("not found");
  });

  test("heeds preconditions and refuses with 409 Conflict", async () => {
    const { metadata } = await served.requests.create("guarded", forever);
    for (const [precondition, name] of [
      [{ uid: "another" }, "UID"],
      [{ resourceVersion: "1" }, "ResourceVersion"],
    ] as const) {
      const { status, text } = await served.requests.delete("guarded", "", { preconditions: precondition });
      expect([status, JSON.parse(text)]).toMatchObject([
        409,
        {
          reason: "Conflict",
          message: expect.stringMatching(
            `^Operation cannot be fulfilled on Pod "guarded": the ${name} in the precondition`,
          ),
          details: { name: "guarded", kind: "Pod" },
        },
      ]);
    }
    const body = { gracePeriodSeconds: 0, preconditions: { uid: metadata.uid } };
    expect((await served.requests.delete("guarded", "", body)).status).toBe(200);
  });

  test("deletes nothing in a dry run, of the query or of the body", async () => {
    await served.requests.create("rehearsed", forever);
    for (const [query, body] of [
      ["dryRun=All", undefined],
      ["", { dryRun: ["All"] }],
    ] as const) {
      expect((await served.requests.delete("rehearsed", query, body)).status).toBe(200);
      expect((await served.requests.get("rehearsed")).metadata).not.toHaveProperty("deletionTimestamp");
    }
    await served.requests.delete("rehearsed");
  });

  test("refuses a malformed dry run and a malformed grace period", async () => {
    await served.requests.create("kept", forever);
    const said = async (query: string, body?: unknown) =>
      (await parsed(served.requests.delete("kept", query, body))).message;
    expect(await said("dryRun=yes")).toBe(
      'DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["yes"]: supported values: "All"',
    );
    expect(await said("gracePeriodSeconds=soon")).toBe('invalid gracePeriodSeconds: "soon"');
    expect(await said("", { gracePeriodSeconds: "5" })).toBe(
      'DeleteOptions in version "v1" cannot be handled as a DeleteOptions: gracePeriodSeconds must be an integer',
    );
    expect(await said("", [])).toBe("the body of a delete must be DeleteOptions");
    expect((await served.requests.get("kept")).metadata).not.toHaveProperty("deletionTimestamp");
    await served.requests.delete("kept");
  });

  test("takes a grace period beyond all that is written in time stamps", async () => {
    await served.requests.run("patient", stubborn);
    await served.requests.delete("patient", "gracePeriodSeconds=9007199254740991");
    await served.requests.send("GET", "/version");
    const { status, metadata } = await served.requests.get("patient");
    expect([status.phase, metadata.deletionGracePeriodSeconds]).toEqual(["Running", 2_147_483_647]);
    await served.requests.delete("patient");
  });

  test("a Pod that was never launched is gone at once, and its name is free", async () => {
    // Before it is launched, or just after.
    for (let round = 0; round < 10; round++) {
      await served.requests.create("brief", forever);
      expect((await served.requests.delete("brief")).status).toBe(200);
    }
    await expect(served.requests.get("brief")).rejects.toThrow("not found");
  });
});
