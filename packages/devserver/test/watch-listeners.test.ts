import { once } from "node:events";
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Pod } from "../src/pods/pod.ts";
import { resourceKinds } from "../src/rest/kinds.ts";
import { sized } from "../src/rest/storage.ts";
import { createStore, type Store } from "../src/rest/store.ts";
import { watchObjects } from "../src/rest/watch.ts";
import { storedPod } from "./stored-pod.ts";

const [podKind = expect.fail()] = resourceKinds.filter(({ name }) => name === "pods");

let store: Store;
let server: Server;
let listeners = 0;
/** The server's side of each watch. */
let responses: ServerResponse[];

beforeEach(async () => {
  const plain = createStore();
  store = {
    ...plain,
    get version() {
      return plain.version;
    },
    follow(version, listener) {
      const stop = plain.follow(version, listener);
      if (!stop) return undefined;
      let following = true;
      listeners += 1;
      return () => {
        stop();
        if (following) listeners -= 1;
        following = false;
      };
    },
  };
  listeners = 0;
  responses = [];
  server = createServer((request, response) => {
    responses.push(response);
    const query = new URL(request.url ?? "", "http://x").searchParams;
    query.set("watch", "true");
    watchObjects(podKind, store, undefined, query, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
  expect(listeners).toBe(0);
});

function podNamed(name: string, bytes = 0): Pod {
  return storedPod({ name, annotations: { x: "x".repeat(bytes) } });
}

async function watch(query: string): Promise<IncomingMessage> {
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const [answer] = await once(get({ host: "127.0.0.1", port, path: `/?${query}` }), "response");
  return answer;
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of answer) text += chunk;
  return text;
}

test("of a forgotten version it is told 410 Expired, and ended", async () => {
  store.insert(sized(podNamed("a")));
  for (let count = 0; count < 2_100; count++) store.update("default", "a", (pod) => ({ ...pod }));
  expect(JSON.parse(await textOf(await watch("resourceVersion=1")))).toEqual({
    type: "ERROR",
    object: {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: `too old resource version: 1 (${store.version})`,
      reason: "Expired",
      code: 410,
    },
  });
  const lines = (await textOf(await watch(`resourceVersion=${store.version - 900}&timeoutSeconds=1`))).split(
    "\n",
  );
  expect(lines).toHaveLength(901);
});

test("after its time nothing more is written to a client that is slow to take the end", async () => {
  const slow = await watch("timeoutSeconds=1");
  slow.pause();
  for (const name of ["a", "b", "c", "d"]) store.insert(sized(podNamed(name, 3_000_000)));
  // Begun later, so that it ends later.
  await textOf(await watch("timeoutSeconds=1&fieldSelector=metadata.name%3Dnone"));
  expect([responses[0]?.writableEnded, responses[0]?.writableFinished]).toEqual([true, false]);
  // A write behind the end is an error that nobody catches.
  store.remove("default", "a");
  expect(listeners).toBe(0);
  const events = (await textOf(slow))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).type);
  expect(events).toEqual(["ADDED", "ADDED", "ADDED", "ADDED"]);
});

test("a client that does not read is dropped rather than buffered for", async () => {
  const slow = await watch("");
  slow.pause();
  const [response] = responses;
  for (let count = 0; count < 12; count++) store.insert(sized(podNamed(`pod-${count}`, 3_000_000)));
  expect(response?.destroyed).toBe(true);
  await expect(textOf(slow)).rejects.toThrow("aborted");
});

test("all that is there is told, however much, and no faster than it is read", async () => {
  const names = [..."abcdefghijkl"];
  for (const name of names) store.insert(sized(podNamed(name, 3_000_000)));
  const version = String(store.version);
  const slow = await watch(
    "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
  );
  slow.pause();
  const [response] = responses;
  expect(response?.writableLength).toBeLessThan(6_500_000);
  // What changes meanwhile comes behind, and the bookmark says that it does.
  store.insert(sized(podNamed("later")));
  const chunks: Buffer[] = [];
  for await (const chunk of slow) {
    chunks.push(chunk);
    if (chunk.includes('"later"') && chunk.at(-1) === 0x0a) break;
  }
  if (!response?.closed) await once(response ?? server, "close");
  const events = Buffer.concat(chunks)
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(events.map(({ type, object }) => [type, object.metadata.name])).toEqual([
    ...names.map((name) => ["ADDED", name]),
    ["BOOKMARK", undefined],
    ["ADDED", "later"],
  ]);
  expect(events.at(-2).object.metadata.resourceVersion).toBe(version);
});

test("a client that leaves before it has read all that is there is forgotten", async () => {
  for (const name of ["a", "b", "c", "d"]) store.insert(sized(podNamed(name, 3_000_000)));
  const slow = await watch("");
  slow.pause();
  slow.destroy();
  await once(responses[0] ?? server, "close");
  expect(listeners).toBe(0);
});

test("a client that leaves is forgotten", async () => {
  const answer = await watch("");
  expect(listeners).toBe(1);
  answer.destroy();
  await once(responses[0] ?? server, "close");
  expect(listeners).toBe(0);
});
