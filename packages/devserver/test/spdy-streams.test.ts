import { createHash } from "node:crypto";
import { createDevServer, type DevServer } from "@podwire/devserver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dictionary } from "../src/spdy/dictionary.ts";
import { type Backends, startBackends } from "./port-backends.ts";
import { createRequests, shell } from "./requests.ts";
import { spdySuite } from "./spdy-suite.ts";
import { devServerUpgrade } from "./upgraded.ts";

let server: DevServer;
let backends: Backends;

beforeAll(async () => {
  backends = await startBackends();
  server = await createDevServer();
  await createRequests(server).run("web", shell("sleep 1000"));
});

afterAll(async () => {
  backends.close();
  await server.close();
});

test("the dictionary is that of SPDY/3", () => {
  expect([dictionary.byteLength, createHash("sha256").update(dictionary).digest("hex")]).toEqual([
    1423,
    "51d27341373f923f3cd88e1eb7162aeaa3723d7585ff2399201dc06498407f02",
  ]);
});

spdySuite({ upgrade: () => devServerUpgrade(() => server, "web"), ports: () => backends.ports });
