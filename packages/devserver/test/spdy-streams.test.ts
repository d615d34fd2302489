import { createHash } from "node:crypto";
import { createDevServer, type DevServer } from "@podwire/devserver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dictionary } from "../src/spdy/dictionary.ts";
import { type Backends, startBackends } from "./port-backends.ts";
import { createRequests, type Requests, shell } from "./requests.ts";
import { createSpdyClient, type SpdyClient } from "./spdy-client.ts";
import { spdySuite } from "./spdy-suite.ts";
import { devServerUpgrade, spdyHeaders } from "./upgraded.ts";

let server: DevServer;
let backends: Backends;
let requests: Requests;

beforeAll(async () => {
  backends = await startBackends();
  server = await createDevServer();
  requests = createRequests(server);
  await requests.run("web", shell("sleep 1000"));
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

describe("attach over SPDY", () => {
  const echo = shell('while IFS= read -r line; do echo "[$line]"; done; echo "end of input"; exit 3');
  const success = '{"metadata":{},"status":"Success"}';

  async function attach(pod: string, types: readonly string[]): Promise<SpdyClient> {
    const query = types.map((type) => `${type}=true`).join("&");
    const upgrade = devServerUpgrade(() => server, pod);
    const { socket, head } = await upgrade(`attach?${query}`, spdyHeaders("v4.channel.k8s.io"), "POST");
    const client = createSpdyClient(socket, head);
    for (const streamtype of ["error", ...types]) await client.open({ streamtype });
    return client;
  }

  test("C54: the end of its input is a detach, and the container runs on", async () => {
    await requests.run("lasting", { ...echo, stdin: true });
    for (const word of ["one", "two"]) {
      const client = await attach("lasting", ["stdin", "stdout"]);
      client.data(3, `${word}\n`);
      await client.until(() => client.text(5) === `[${word}]\n`);
      client.data(3, "", true);
      await client.until(() => client.ended);
      expect(client.text(1)).toBe(success);
    }
    await requests.delete("lasting");
  });

  test("C55: with stdinOnce it is the container's, and the output comes to its end", async () => {
    await requests.run("once", { ...echo, stdin: true, stdinOnce: true });
    const client = await attach("once", ["stdin", "stdout", "stderr"]);
    client.data(3, "one\n", true);
    await client.until(() => client.ended);
    expect([client.text(5), client.text(1)]).toEqual(["[one]\nend of input\n", success]);
  });

  test("without stdin it listens, as over v5 and unlike v4 over WebSocket", async () => {
    await requests.run("heard", { ...echo, stdin: true });
    const listener = await attach("heard", ["stdout"]);
    const speaker = await attach("heard", ["stdin"]);
    speaker.data(3, "hi\n");
    await listener.until(() => listener.text(3) === "[hi]\n");
    await requests.delete("heard");
    await listener.until(() => listener.ended);
    expect(listener.text(1)).toBe(success);
  });
});

spdySuite({ upgrade: () => devServerUpgrade(() => server, "web"), ports: () => backends.ports });
