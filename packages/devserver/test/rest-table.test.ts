import { once } from "node:events";
import type { ContainerProgram } from "@podwire/devserver";
import { describe, expect, test } from "vitest";
import { resourceKinds } from "../src/rest/kinds.ts";
import { age, durationText } from "../src/rest/table/age.ts";
import { tableOf } from "../src/rest/table/table.ts";
import { podsPath } from "./requests.ts";
import { serve } from "./serve.ts";

const accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

const idle: ContainerProgram = async ({ signal }) => {
  await once(signal, "abort");
};

const served = serve("table", { images: { idle } }, async ({ requests }) => {
  await requests.run("web", { image: "idle" });
});

async function table(path: string, asked = accept) {
  return JSON.parse((await served.requests.send("GET", path, undefined, { accept: asked })).text);
}

test("a list is a Table with the columns of its kind, and the metadata of each object", async () => {
  const { items, metadata } = JSON.parse((await served.requests.send("GET", podsPath)).text);
  const { columnDefinitions, rows, ...rest } = await table(podsPath);
  expect(rest).toEqual({ kind: "Table", apiVersion: "meta.k8s.io/v1", metadata });
  expect(
    columnDefinitions.map(({ name, priority }: { name: string; priority: number }) => [name, priority]),
  ).toEqual([
    ["Name", 0],
    ["Ready", 0],
    ["Status", 0],
    ["Restarts", 0],
    ["Age", 0],
    ["IP", 1],
    ["Node", 1],
    ["Nominated Node", 1],
    ["Readiness Gates", 1],
  ]);
  expect(columnDefinitions[0]).toMatchObject({ type: "string", format: "name" });
  expect(rows).toEqual([
    {
      cells: [
        "web",
        "1/1",
        "Running",
        "0",
        expect.stringMatching(/^\d+s$/),
        "127.0.0.1",
        "devserver",
        "<none>",
        "<none>",
      ],
      object: { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: items[0].metadata },
    },
  ]);
});

test("one object is a Table too, with as much of it as is asked for", async () => {
  const { metadata, rows } = await table(`${podsPath}/web?includeObject=Object`);
  expect(rows[0].object).toMatchObject({ kind: "Pod", metadata: { name: "web" } });
  expect(metadata).toEqual({ resourceVersion: rows[0].object.metadata.resourceVersion });
  expect((await table(`${podsPath}/web?includeObject=None`)).rows[0].object).toBeNull();
});

test("events of a watch are Tables of one row, the first alone with its columns", async () => {
  const controller = new AbortController();
  const response = await fetch(`${served.server.url}${podsPath}?watch=true`, {
    headers: { authorization: `Bearer ${served.server.config.token}`, accept },
    signal: controller.signal,
  });
  let text = "";
  await served.requests.create("later", { image: "idle" });
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.split("\n").length > 2) break;
  }
  const [first, second] = text.split("\n").map((line) => (line === "" ? undefined : JSON.parse(line)));
  expect([first.object.kind, first.object.columnDefinitions.length, first.object.rows.length]).toEqual([
    "Table",
    9,
    1,
  ]);
  expect([second.object.columnDefinitions, second.object.rows[0].cells[0]]).toEqual([null, "later"]);
  controller.abort();
  await served.requests.delete("later");
});

test.for([
  ["the older version of it", "application/json;as=Table;v=v1beta1;g=meta.k8s.io", "Table"],
  [
    "a version that is not there, then JSON",
    "application/json;as=Table;v=v9;g=meta.k8s.io,application/json",
    "PodList",
  ],
  // F4
  ["protobuf, then JSON", "application/vnd.kubernetes.protobuf,application/json", "PodList"],
  ["anything", "*/*", "PodList"],
  [
    "metadata alone",
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
    "PartialObjectMetadataList",
  ],
] as const)("to those who ask for %s", async ([, asked, kind]) => {
  expect((await table(podsPath, asked)).kind).toBe(kind);
});

test("those who take nothing that is here get a 406", async () => {
  const { status, text } = await served.requests.send("GET", podsPath, undefined, {
    accept: "application/cbor",
  });
  expect([status, JSON.parse(text).reason]).toEqual([406, "NotAcceptable"]);
});

describe("the status of a Pod", () => {
  const [kind = expect.fail()] = resourceKinds.filter(({ name }) => name === "pods");
  const running = { name: "a", ready: true, restartCount: 0, state: { running: {} }, lastState: {} };
  const cells = (status: object, metadata = {}, containers = 1): unknown[] => {
    const meta = { name: "p", uid: "", resourceVersion: "", creationTimestamp: "", ...metadata };
    const pod = {
      kind: "Pod",
      apiVersion: "v1",
      metadata: meta,
      spec: { containers: Array.from({ length: containers }, () => ({})) },
      status,
    };
    const options = { apiVersion: "meta.k8s.io/v1", include: "None" } as const;
    return JSON.parse(JSON.stringify(tableOf(kind, [pod], {}, options))).rows[0].cells;
  };
  const ended = (terminated: object) => ({ ...running, ready: false, state: { terminated } });

  test.for([
    ["no container yet", { phase: "Pending" }, ["0/1", "Pending", "0"]],
    ["a running container", { phase: "Running", containerStatuses: [running] }, ["1/1", "Running", "0"]],
    [
      "one that waits",
      {
        phase: "Pending",
        containerStatuses: [{ ...running, ready: false, state: { waiting: { reason: "ErrImagePull" } } }],
      },
      ["0/1", "ErrImagePull", "0"],
    ],
    [
      "one that has failed",
      { phase: "Failed", containerStatuses: [ended({ exitCode: 3, reason: "Error" })] },
      ["0/1", "Error", "0"],
    ],
    [
      "one that was ended by a signal, without a reason",
      { phase: "Failed", containerStatuses: [ended({ exitCode: 137, signal: 9 })] },
      ["0/1", "Signal:9", "0"],
    ],
    [
      "one that ended without a reason",
      { phase: "Failed", containerStatuses: [ended({ exitCode: 3 })] },
      ["0/1", "ExitCode:3", "0"],
    ],
    [
      "one that is done beside one that runs",
      { phase: "Running", containerStatuses: [ended({ exitCode: 0, reason: "Completed" }), running] },
      ["1/2", "NotReady", "0"],
    ],
    ["a reason of its own", { phase: "Failed", reason: "Evicted" }, ["0/1", "Evicted", "0"]],
  ] as const)("with %s", ([, status, expected]) => {
    const count = "containerStatuses" in status ? status.containerStatuses.length : 1;
    expect(cells(status, {}, count).slice(1, 4)).toEqual(expected);
  });

  test("that is being deleted is Terminating, unless it has ended", () => {
    const metadata = { deletionTimestamp: "2026-01-01T00:00:00Z" };
    expect(cells({ phase: "Running", containerStatuses: [running] }, metadata)[2]).toBe("Terminating");
    const failed = { phase: "Failed", containerStatuses: [ended({ exitCode: 3, reason: "Error" })] };
    expect(cells(failed, metadata)[2]).toBe("Error");
  });

  test("says when it has last restarted", () => {
    const finishedAt = new Date(Date.now() - 65_000).toISOString();
    const again = { ...running, restartCount: 2, lastState: { terminated: { finishedAt } } };
    expect(cells({ phase: "Running", containerStatuses: [again] })[3]).toMatch(/^2 \(6[56]s ago\)$/);
  });
});

// As Kubernetes' own tests of duration.HumanDuration have it.
test.for([
  [0, "0s"],
  [-2, "<invalid>"],
  [119, "119s"],
  [120, "2m"],
  [125, "2m5s"],
  [599, "9m59s"],
  [600, "10m"],
  [179 * 60, "179m"],
  [3 * 3_600, "3h"],
  [3 * 3_600 + 60, "3h1m"],
  [8 * 3_600 - 1, "7h59m"],
  [8 * 3_600, "8h"],
  [47 * 3_600, "47h"],
  [48 * 3_600, "2d"],
  [49 * 3_600, "2d1h"],
  [8 * 86_400, "8d"],
  [729 * 86_400, "729d"],
  [730 * 86_400, "2y"],
  [731 * 86_400, "2y1d"],
  [8 * 365 * 86_400, "8y"],
] as const)("%i seconds are %s", ([seconds, text]) => {
  expect(durationText(seconds)).toBe(text);
});

test("the age of what has no time is unknown", () => {
  expect([age(""), age("2026-01-01T00:00:00Z", Date.parse("2026-01-01T00:00:05Z"))]).toEqual([
    "<unknown>",
    "5s",
  ]);
});
