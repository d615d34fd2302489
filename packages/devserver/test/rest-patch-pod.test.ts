import { once } from "node:events";
import type { ContainerProgram } from "@podwire/devserver";
import { beforeAll, describe, expect, test } from "vitest";
import { containerDefaults } from "./container-defaults.ts";
import { createPatches } from "./patches.ts";
import { podOf, podsPath } from "./requests.ts";
import { serve } from "./serve.ts";

const idle: ContainerProgram = async ({ signal }) => {
  await once(signal, "abort");
};
const served = serve("patch", { images: { idle } });
const { create, patch } = createPatches(served);

describe("of a Pod", () => {
  const immutable = /^Pod "fixed" is invalid: spec: Forbidden: pod updates may not change fields other than /;

  beforeAll(async () => {
    await create(podsPath, podOf("fixed", { image: "idle" }));
    await served.requests.until("fixed", ({ status }) => status.phase === "Running");
  });

  test("metadata and images can change", async () => {
    const { body } = await patch("strategic", `${podsPath}/fixed`, {
      metadata: { labels: { app: "web" }, annotations: { note: "x" } },
      spec: { containers: [{ name: "main", image: "idle:2" }] },
    });
    expect(body.metadata).toMatchObject({ labels: { app: "web" }, annotations: { note: "x" } });
    expect([body.spec.containers[0].image, body.status.phase]).toEqual(["idle:2", "Running"]);
  });

  test.for([
    ["the restart policy", { spec: { restartPolicy: "Always" } }, '- "restartPolicy": "Never"'],
    ["a command", { spec: { containers: [{ name: "main", command: ["x"] }] } }, '"command":["x"]'],
    ["the node", { spec: { nodeName: null } }, '+ "nodeName": null'],
  ] as const)("%s cannot, which is a 422 that shows it", async ([, change, shown]) => {
    const { status, body } = await patch("strategic", `${podsPath}/fixed`, change);
    expect([status, body.message]).toEqual([422, expect.stringMatching(immutable)]);
    expect(body.message).toContain(shown);
    expect(body.details).toMatchObject({ name: "fixed", kind: "Pod", causes: [{ field: "spec" }] });
  });

  test("containers can neither come nor go", async () => {
    const { status, body } = await patch("strategic", `${podsPath}/fixed`, {
      spec: { containers: [{ name: "two", image: "idle" }] },
    });
    const message = "Forbidden: pod updates may not add or remove containers";
    expect([status, body.message]).toEqual([422, `Pod "fixed" is invalid: spec.containers: ${message}`]);
  });

  test("its status is what it is, whatever is sent", async () => {
    const { body } = await patch("merge", `${podsPath}/fixed`, { status: { phase: "Failed" } });
    expect(body.status.phase).toBe("Running");
  });

  test("ephemeral containers come by their subresource alone, and stay", async () => {
    const path = `${podsPath}/fixed`;
    const debug = { name: "debug", image: "idle" };
    const spec = { ephemeralContainers: [debug] };
    const stored = [{ ...debug, ...containerDefaults }];
    expect((await patch("strategic", path, { spec })).status).toBe(422);
    const added = await patch("strategic", `${path}/ephemeralcontainers`, { spec });
    expect([added.status, added.body.spec.ephemeralContainers]).toEqual([200, stored]);
    const labelled = await patch("merge", path, { metadata: { labels: { x: "y" } } });
    expect(labelled.body.spec.ephemeralContainers).toEqual(stored);
    const gone = await patch("merge", `${path}/ephemeralcontainers`, { spec: { ephemeralContainers: [] } });
    expect([gone.status, gone.body.message]).toEqual([
      422,
      'Pod "fixed" is invalid: spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be removed',
    ]);
    const clash = { spec: { ephemeralContainers: [{ name: "main", image: "idle" }] } };
    expect((await patch("strategic", `${path}/ephemeralcontainers`, clash)).status).toBe(422);
  });
});
