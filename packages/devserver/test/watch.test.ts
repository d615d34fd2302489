import { once } from "node:events";
import { type ContainerProgram, createDevServer, type DevServer } from "@podwire/devserver";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createRequests, podOf, podsPath, type Requests, type WatchEvent } from "./requests.ts";
import { openSession } from "./sessions.ts";

const idle: ContainerProgram = async ({ signal }) => {
  await once(signal, "abort");
};

let server: DevServer;
let requests: Requests;
/** Ends the containers of the image `wait`. */
let release: () => void;

beforeEach(async () => {
  const released = new Promise<number>((resolve) => {
    release = () => resolve(0);
  });
  server = await createDevServer({ images: { idle, quick: () => 0, wait: () => released } });
  requests = createRequests(server);
});

afterEach(async () => {
  vi.useRealTimers();
  await server.close();
});

const versionNow = async (): Promise<string> =>
  JSON.parse((await requests.send("GET", podsPath)).text).metadata.resourceVersion;

/** Events up to the first that is wanted. */
async function eventsUntil(
  events: AsyncIterable<WatchEvent>,
  wanted: (event: WatchEvent) => boolean,
): Promise<string[]> {
  const seen: string[] = [];
  for await (const event of events) {
    seen.push(`${event.type} ${event.object.metadata.name}`);
    if (wanted(event)) break;
  }
  return seen;
}

const isDeleted = ({ type }: WatchEvent): boolean => type === "DELETED";

test("without a version begins with what is there, and goes on with what happens", async () => {
  await requests.run("one", { image: "idle" });
  for (const query of ["", "resourceVersion=0"]) {
    const events = requests.watch(query);
    const { value } = await events.next();
    expect(value).toMatchObject({
      type: "ADDED",
      object: { metadata: { name: "one" }, status: { phase: "Running" } },
    });
    const next = events.next();
    await requests.create(`two-${query.length}`, { image: "idle" });
    expect((await next).value).toMatchObject({ type: "ADDED", object: { status: { phase: "Pending" } } });
    await events.return(undefined);
    await requests.delete(`two-${query.length}`);
  }
});

test("from a version tells everything after it, in order, each with a higher version", async () => {
  const version = await versionNow();
  await requests.run("one", { image: "idle" });
  await requests.delete("one");
  const versions: number[] = [];
  const seen = await eventsUntil(requests.watch(`resourceVersion=${version}`), (event) => {
    versions.push(Number(event.object.metadata.resourceVersion));
    return isDeleted(event);
  });
  expect(seen[0]).toBe("ADDED one");
  expect(seen.at(-1)).toBe("DELETED one");
  expect(versions).toEqual([...versions].sort((a, b) => a - b));
  expect(new Set(versions).size).toBe(versions.length);
  expect(versions[0]).toBeGreaterThan(Number(version));
});

test("tells a whole life: Pending, Running, the deletion asked for, gone", async () => {
  const version = await versionNow();
  await requests.run("one", { image: "idle" });
  await requests.delete("one", "gracePeriodSeconds=30");
  const phases: string[] = [];
  await eventsUntil(requests.watch(`resourceVersion=${version}`), ({ type, object }) => {
    const { deletionTimestamp } = object.metadata;
    phases.push(`${type} ${object.status.phase}${deletionTimestamp === undefined ? "" : " ending"}`);
    return type === "DELETED";
  });
  expect([...new Set(phases)]).toEqual([
    "ADDED Pending",
    "MODIFIED Pending",
    "MODIFIED Running",
    "MODIFIED Running ending",
    "MODIFIED Failed ending",
    "DELETED Failed ending",
  ]);
});

test("keeps to one namespace, or tells of all", async () => {
  await requests.send("POST", "/api/v1/namespaces", { metadata: { name: "other" } });
  const version = await versionNow();
  for (const namespace of ["other", "default"]) {
    await requests.send("POST", `/api/v1/namespaces/${namespace}/pods`, podOf("one", { image: "idle" }));
  }
  const [own] = await eventsUntil(requests.watch(`resourceVersion=${version}`), () => true);
  expect(own).toBe("ADDED one");
  const namespaces: string[] = [];
  await eventsUntil(requests.watch(`resourceVersion=${version}`, "/api/v1/pods"), ({ object }) => {
    namespaces.push(object.metadata.namespace);
    return object.metadata.namespace === "default";
  });
  expect(namespaces[0]).toBe("other");
});

test("a Pod that begins or ends to be selected is ADDED or DELETED for the one who watches", async () => {
  const version = await versionNow();
  const selected = requests.watch(`resourceVersion=${version}&fieldSelector=status.phase%3DRunning`);
  const events = eventsUntil(selected, isDeleted);
  await requests.run("other", { image: "idle" });
  await requests.run("one", { image: "wait" });
  release();
  expect(await events).toEqual(["ADDED other", "ADDED one", "DELETED one"]);
});

test("heeds label selectors, also in the state it begins with", async () => {
  for (const [name, labels] of [
    ["web", { app: "web" }],
    ["api", { app: "api" }],
  ] as const) {
    await requests.send("POST", podsPath, { ...podOf(name, { image: "idle" }), metadata: { name, labels } });
  }
  const seen = eventsUntil(requests.watch("labelSelector=app%3Dweb"), isDeleted);
  await requests.delete("api");
  await requests.delete("web");
  expect(new Set(await seen)).toEqual(new Set(["ADDED web", "MODIFIED web", "DELETED web"]));
});

test.for([
  ["resourceVersion=new", 400, "BadRequest"],
  ["resourceVersion=99999999", 504, "Timeout"],
  ["timeoutSeconds=soon", 400, "BadRequest"],
  ["fieldSelector=a", 400, "BadRequest"],
  ["sendInitialEvents=true", 422, "Invalid"],
  ["resourceVersionMatch=NotOlderThan", 422, "Invalid"],
] as const)("with %s is refused with %i", async ([query, code, reason]) => {
  const reply = await requests.send("GET", `${podsPath}?watch=true&${query}`);
  expect([reply.status, JSON.parse(reply.text)]).toMatchObject([code, { kind: "Status", reason, code }]);
});

describe("with initial events", () => {
  const asked = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan";

  test("begins with what is there, says where that ends, and goes on", async () => {
    await requests.run("one", { image: "idle" });
    const events = requests.watch(`${asked}&allowWatchBookmarks=true`);
    expect((await events.next()).value).toMatchObject({
      type: "ADDED",
      object: { metadata: { name: "one" } },
    });
    const version = await versionNow();
    expect((await events.next()).value).toEqual({
      type: "BOOKMARK",
      object: {
        kind: "Pod",
        apiVersion: "v1",
        metadata: { resourceVersion: version, annotations: { "k8s.io/initial-events-end": "true" } },
      },
    });
    const next = events.next();
    await requests.create("two", { image: "idle" });
    expect((await next).value).toMatchObject({ type: "ADDED", object: { metadata: { name: "two" } } });
    await events.return(undefined);
  });

  test("says so of an empty beginning too, of every kind, and of what is selected alone", async () => {
    const path = "/api/v1/namespaces/default/secrets";
    for (const name of ["a", "b"])
      await requests.send("POST", path, { metadata: { name, labels: { name } } });
    for (const [query, expected] of [
      ["", ["ADDED", "ADDED", "BOOKMARK"]],
      ["&labelSelector=name%3Db", ["ADDED", "BOOKMARK"]],
      ["&fieldSelector=metadata.name%3Dnone", ["BOOKMARK"]],
      // An older version is what the client has at least.
      ["&resourceVersion=1", ["ADDED", "ADDED", "BOOKMARK"]],
    ] as const) {
      const seen: string[] = [];
      const watched = requests.watch(`${asked}&allowWatchBookmarks=true&timeoutSeconds=1${query}`, path);
      for await (const { type } of watched) seen.push(type);
      expect(seen).toEqual(expected);
    }
  });

  test("marks nothing for those who allow no bookmarks, and begins with changes when turned off", async () => {
    await requests.run("one", { image: "idle" });
    const types: string[] = [];
    for await (const { type } of requests.watch(`${asked}&timeoutSeconds=1`)) types.push(type);
    expect(types).toEqual(["ADDED"]);
    const off = `${asked.replace("true", "false")}&timeoutSeconds=1`;
    for await (const { type } of requests.watch(off)) types.push(type);
    expect(types).toEqual(["ADDED"]);
  });

  test("is not for lists", async () => {
    const { status, text } = await requests.send("GET", `${podsPath}?${asked}`);
    expect([status, JSON.parse(text).details.causes[0].field]).toEqual([422, "sendInitialEvents"]);
  });
});

test("tells each minute how far it is, whoever allows bookmarks", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  await requests.run("one", { image: "idle" });
  const watches = ["allowWatchBookmarks=true", ""].map((query) => requests.watch(query));
  // They are there once they have told of it.
  for (const events of watches) expect((await events.next()).value).toMatchObject({ type: "ADDED" });
  const [marked, unmarked] = watches.map((events) => events.next());
  const path = "/api/v1/namespaces/default/configmaps";
  for (const name of ["a", "b"]) {
    // Of another kind, so that a bookmark alone tells of the version.
    await requests.send("POST", path, { metadata: { name } });
  }
  vi.advanceTimersByTime(59_999);
  const version = await versionNow();
  vi.advanceTimersByTime(1);
  expect((await marked)?.value).toEqual({
    type: "BOOKMARK",
    object: { kind: "Pod", apiVersion: "v1", metadata: { resourceVersion: version } },
  });
  await requests.create("two", { image: "idle" });
  expect((await unmarked)?.value).toMatchObject({ type: "ADDED", object: { metadata: { name: "two" } } });
  for (const events of watches) await events.return(undefined);
});

test("follows other kinds as it does Pods, also through their selectors", async () => {
  const path = "/api/v1/namespaces/default/configmaps";
  const version = await versionNow();
  const labelled = (app: string) => ({ metadata: { name: "settings", labels: { app } } });
  await requests.send("POST", path, labelled("web"));
  await requests.send("PUT", `${path}/settings`, labelled("api"));
  await requests.send("PUT", `${path}/settings`, labelled("web"));
  await requests.send("DELETE", `${path}/settings`);
  const selected = requests.watch(
    `resourceVersion=${version}&labelSelector=app%3Dweb&timeoutSeconds=1`,
    path,
  );
  const types: string[] = [];
  for await (const { type } of selected) types.push(type);
  expect(types).toEqual(["ADDED", "DELETED", "ADDED", "DELETED"]);
});

test("timeoutSeconds ends it", async () => {
  const events: WatchEvent[] = [];
  for await (const event of requests.watch("timeoutSeconds=1")) events.push(event);
  expect(events).toEqual([]);
});

test("server.close() ends watches and sessions, after the Pods", async () => {
  await requests.run("one", { image: "idle" });
  const session = await openSession(server, "one/attach?stdout=true");
  const seen: string[] = [];
  const watching = (async () => {
    for await (const { type } of requests.watch("")) seen.push(type);
  })();
  await requests.run("two", { image: "idle" });
  await server.close();
  await watching;
  expect(await session.closed).toBe(1000);
  expect(session.text(3)).toBe('{"metadata":{},"status":"Success"}');
  expect(seen.filter((type) => type === "DELETED")).toHaveLength(2);
});
