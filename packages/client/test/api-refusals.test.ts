import { describe, expect, onTestFinished, test } from "vitest";
import { takePort } from "../../devserver/test/port-backends.ts";
import { Api, createClient, Pod } from "../src/index.ts";
import { refusal } from "./api-server.ts";
import { refusing, setup } from "./one-answer.ts";

describe("refusals", () => {
  test.each<[number, string, string, string?]>([
    [400, "BadRequest", "BAD_REQUEST"],
    [
      401,
      "Unauthorized",
      "UNAUTHORIZED",
      " (the credential is missing, wrong or expired; as a function, `token` is asked for each request)",
    ],
    [403, "Forbidden", "FORBIDDEN"],
    [404, "NotFound", "NOT_FOUND"],
    [405, "MethodNotAllowed", "BAD_REQUEST"],
    [409, "AlreadyExists", "ALREADY_EXISTS"],
    [409, "Conflict", "CONFLICT"],
    [410, "Expired", "EXPIRED"],
    [422, "Invalid", "INVALID"],
    [429, "TooManyRequests", "TOO_MANY_REQUESTS"],
    [500, "InternalError", "SERVER_ERROR"],
    [503, "ServiceUnavailable", "SERVER_ERROR"],
    [504, "Timeout", "SERVER_ERROR"],
  ])("%i %s is %s, with the server's Status and message", async (httpStatus, reason, code, hint = "") => {
    const status = refusal(httpStatus, reason, `because of ${reason}`);
    await using peer = await refusing(httpStatus, status);
    await expect(peer.pods.create({ spec: { containers: [] } })).rejects.toMatchObject({
      name: "ClientError",
      code,
      httpStatus,
      status,
      message: `because of ${reason}${hint}`,
      body: undefined,
    });
  });

  test("a body that is no Status is kept, 1,024 characters of it", async () => {
    await using peer = await refusing(502, `bad gateway ${"x".repeat(5_000)}`);
    const error: unknown = await peer.pods.get("p").catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "SERVER_ERROR", httpStatus: 502, status: undefined });
    expect(error).toHaveProperty("body", `bad gateway ${"x".repeat(1_012)}`);
  });

  test("no body, and a Status without a message, leave the request and the HTTP status as the message", async () => {
    for (const body of ["", refusal(403, "Forbidden", "")]) {
      await using peer = await refusing(403, body);
      await expect(peer.pods.get("p")).rejects.toMatchObject({
        code: "FORBIDDEN",
        message: "GET /api/v1/namespaces/default/pods/p was answered with HTTP 403",
      });
    }
  });

  test("an error read while the connection breaks still says the HTTP status", async () => {
    await using peer = await setup({
      http(_, response) {
        response.writeHead(403, { "content-length": "1000" });
        response.write("half of the reas", () => response.destroy());
      },
    });
    await expect(peer.pods.get("p")).rejects.toMatchObject({
      code: "FORBIDDEN",
      httpStatus: 403,
      message: "half of the reas",
    });
  });

  test("no server is CONNECTION_FAILED with the platform's reason", async () => {
    await using peer = await setup();
    const { port, release } = await takePort(Number(new URL(peer.server.url).port));
    onTestFinished(release);
    const api = new Api(Pod, { client: createClient({ server: `http://127.0.0.1:${port}` }) });
    await expect(api.get("p")).rejects.toMatchObject({
      code: "CONNECTION_FAILED",
      message: expect.stringMatching(/^GET \/api\/v1\/namespaces\/default\/pods\/p failed: .*ECONNREFUSED/),
      cause: expect.any(Error),
    });
  });

  test("a name with several addresses, none of which answers, is no empty reason", async () => {
    const cause = Object.assign(new AggregateError([]), { code: "ECONNREFUSED" });
    const fetch = () => Promise.reject(new TypeError("fetch failed", { cause }));
    const api = new Api(Pod, { client: createClient({ server: "http://localhost:1", fetch }) });
    await expect(api.get("p")).rejects.toThrow(/failed: ECONNREFUSED$/);
  });

  test("a token that cannot be had is UNAUTHORIZED with the cause, and one that cannot be sent a TypeError", async () => {
    const cause = new Error("the plugin is gone");
    await using peer = await setup(undefined, { token: () => Promise.reject(cause) });
    await expect(peer.pods.get("p")).rejects.toMatchObject({ code: "UNAUTHORIZED", cause });
    const client = createClient({ server: peer.server.url, token: () => "two\nlines" });
    await expect(new Api(Pod, { client }).get("p")).rejects.toThrow(TypeError);
    expect(peer.server.exchanges).toEqual([]);
  });
});
