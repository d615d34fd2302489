import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { Api, createClient, Pod } from "../src/index.ts";
import { answer, hex } from "./api-server.ts";
import { expectNothingUnhandled, serveGarbage } from "./garbage.ts";

expectNothingUnhandled();

describe("over HTTP", () => {
  const body =
    (text: string, status = 200) =>
    (response: ServerResponse): void =>
      answer(response, status, text);
  const endless =
    (status: number) =>
    (response: ServerResponse): void => {
      response.writeHead(status);
      const chunk = "x".repeat(65_536);
      const more = (): void => void response.write(chunk, () => setImmediate(more));
      more();
    };

  const bad = { code: "BAD_RESPONSE", message: expect.stringContaining("not what the Kubernetes API sends") };
  test.each<[string, (response: ServerResponse) => void, object]>([
    ["no JSON", body("hello"), { ...bad, body: "hello" }],
    ["truncated JSON", body('{"metadata":{"name"'), bad],
    ["HTML", body("<html><body>log in</body></html>"), bad],
    ["nothing", body(""), bad],
    ["null", body("null"), bad],
    ["a number", body("5"), bad],
    ["a string", body('"pod"'), bad],
    ["an array", body("[]"), bad],
    ["an object without metadata", body("{}"), bad],
    ["metadata of another type", body('{"metadata":"x"}'), bad],
    ["bytes that are no UTF-8", (response) => void response.end(hex("ff fe 00 7b")), bad],
    ["204 without content", (response) => void response.writeHead(204).end(), bad],
    [
      "304 out of nowhere",
      (response) => void response.writeHead(304).end(),
      { code: "BAD_RESPONSE", httpStatus: 304 },
    ],
    ["an empty 403", body("", 403), { code: "FORBIDDEN", httpStatus: 403, body: "" }],
    ["a 500 of HTML", body("<html>oops</html>", 500), { code: "SERVER_ERROR", body: "<html>oops</html>" }],
    [
      "a Status of wrong types",
      body('{"kind":"Status","code":"x"}', 404),
      { code: "NOT_FOUND", status: undefined },
    ],
    ["a status code nobody knows", body("", 599), { code: "SERVER_ERROR", httpStatus: 599 }],
    ["an error that never ends", endless(500), { code: "SERVER_ERROR", httpStatus: 500 }],
    ["an answer that never ends", (response) => void response.write("{"), { code: "TIMEOUT" }],
    ["no answer at all", () => undefined, { code: "TIMEOUT" }],
    [
      "a connection that breaks at once",
      (response) => void response.destroy(),
      { code: "CONNECTION_FAILED" },
    ],
    [
      "a connection that breaks in the middle",
      (response) => void response.write('{"metadata":{', () => response.destroy()),
      { code: "CONNECTION_FAILED" },
    ],
    [
      "what is no HTTP",
      (response) => void response.socket?.end("\x00\x01 SSH-2.0\r\n\r\n"),
      { code: "CONNECTION_FAILED" },
    ],
  ])("%s", async (_kind, respond, expected) => {
    await using peer = await serveGarbage({ http: (_, response) => respond(response), protocols: [] });
    // A busy machine takes its time, and only silence is to be given up soon.
    const requestTimeoutMs = "code" in expected && expected.code === "TIMEOUT" ? 500 : 10_000;
    await expect(peer.pods.get("p", { requestTimeoutMs })).rejects.toMatchObject({
      name: "ClientError",
      ...expected,
    });
    // Reading the Pod meets the same.
    await expect(peer.pods.attach.stream("p", { requestTimeoutMs: 500 })).rejects.toThrow();
  });

  test("an answer without end is cut at 256 MiB, before it fills the memory", async () => {
    const value = new Uint8Array(67_108_864).fill(0x20);
    let reads = 0;
    const client = createClient({
      server: "http://127.0.0.1:1",
      fetch: async () => ({
        status: 200,
        headers: { get: () => null },
        text: async () => "",
        body: {
          getReader: () => ({
            read: async () => {
              reads += 1;
              return { done: false, value };
            },
            cancel: async () => undefined,
          }),
        },
      }),
    });
    await expect(new Api(Pod, { client }).get("p")).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
    expect(reads).toBe(5);
  });

  test.each<[string, object]>([
    ["containers that are no list", { spec: { containers: "main" } }],
    ["a container that is null", { spec: { containers: [null] } }],
    [
      "statuses that are no list",
      { spec: { containers: [{ name: "main" }] }, status: { containerStatuses: {} } },
    ],
    [
      "a status that is null",
      { spec: { containers: [{ name: "main" }] }, status: { containerStatuses: [null] } },
    ],
    ["conditions that are no list", { spec: { containers: [{ name: "main" }] }, status: { conditions: 5 } }],
  ])("a Pod with %s is BAD_RESPONSE to attach and exec", async (_kind, more) => {
    await using peer = await serveGarbage({
      http: (_, response) => answer(response, 200, { metadata: { name: "p" }, ...more }),
    });
    for (const open of [
      () => peer.pods.attach.stream("p"),
      () => peer.pods.exec.run("p", { command: ["true"] }),
    ]) {
      await expect(open()).rejects.toMatchObject({ code: "BAD_RESPONSE", cause: expect.any(TypeError) });
    }
  });

  test("a Pod of nulls and nothing is waited for until the time is over", async () => {
    await using peer = await serveGarbage({
      http: (_, response) =>
        answer(response, 200, { metadata: {}, spec: { containers: [{ name: "main" }] }, status: null }),
    });
    await expect(peer.pods.attach.stream("p", { requestTimeoutMs: 200 })).rejects.toMatchObject({
      code: "TIMEOUT",
    });
  });
});
