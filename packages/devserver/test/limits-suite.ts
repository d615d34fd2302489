import type { Duplex } from "node:stream";
import { describe, expect, test } from "vitest";

/** A server to be held to the suite. */
export interface LimitsSuiteOptions {
  /** A connection to it. */
  readonly dial: () => Promise<Duplex>;
  /** The line that says who asks, if that is in a header. */
  readonly authorization: () => string;
}

const objects = "/api/v1/namespaces/default";

/** How large requests and objects may be, and what is said of larger ones. */
export function limitsSuite({ dial, authorization }: LimitsSuiteOptions): void {
  const answerTo = async (request: string): Promise<{ head: string; body: string }> => {
    const connection = await dial();
    connection.write(request);
    const text = await new Promise<string>((resolve) => {
      let all = "";
      connection.on("data", (chunk: Buffer) => {
        all += chunk.toString("latin1");
      });
      connection.on("error", () => undefined);
      connection.once("close", () => resolve(all));
    });
    const end = text.indexOf("\r\n\r\n");
    const [head, body] = [text.slice(0, end), text.slice(end + 4)];
    return { head, body: /^transfer-encoding: chunked/im.test(head) ? joined(body) : body };
  };
  const request = (method: string, path: string, headers = "", body = ""): string =>
    `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${authorization()}${headers}Connection: close\r\n\r\n${body}`;
  /** The status line's code and the Status of what was created only to try it, or was not. */
  const create = async (resource: string, object: object | string, query = "") => {
    const body = typeof object === "string" ? object : JSON.stringify(object);
    const headers = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
    const answer = await answerTo(request("POST", `${objects}/${resource}${query}`, headers, body));
    const { message, reason, code, details } = JSON.parse(answer.body);
    return { message, reason, code, causes: details?.causes };
  };

  describe("the head of a request", () => {
    const ok = "HTTP/1.1 200 OK";
    const tooLarge = "HTTP/1.1 431 Request Header Fields Too Large";

    test.for([
      ["a header of 1,000,000 bytes is read", "/version", `A: ${"x".repeat(1_000_000)}\r\n`, ok],
      ["a query of 1,000,000 bytes is read", `/version?${"x".repeat(1_000_000)}`, "", ok],
      ["5,000 headers are read", "/version", "a: b\r\n".repeat(5_000), ok],
      ["of more than 1 MiB is refused", "/version", `A: ${"x".repeat(1_100_000)}\r\n`, tooLarge],
      ["with such a query, too", `/version?${"x".repeat(1_100_000)}`, "", tooLarge],
    ] as const)("%s", async ([, path, headers, line]) => {
      const { head, body } = await answerTo(request("GET", path, headers));
      expect(head.split("\r\n")[0]).toBe(line);
      if (line === tooLarge) {
        expect(head).toBe(`${line}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close`);
        expect(body).toBe("431 Request Header Fields Too Large");
      }
    });

    test("that is none is refused with 400", async () => {
      const { head, body } = await answerTo("HELLO\r\n\r\n");
      expect(head).toBe(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close",
      );
      expect(body).toBe("400 Bad Request");
    });
  });

  describe("a body", () => {
    const tooLarge = {
      message: "Request entity too large: limit is 3145728",
      reason: "RequestEntityTooLarge",
      code: 413,
    };

    test("of more than 3 MiB is refused, with its length and in chunks", async () => {
      expect(await create("configmaps", " ".repeat(3_145_729))).toEqual(tooLarge);
      const headers = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n";
      const chunks = `400000\r\n${" ".repeat(4_194_304)}\r\n0\r\n\r\n`;
      const { body } = await answerTo(request("POST", `${objects}/configmaps`, headers, chunks));
      expect(JSON.parse(body)).toMatchObject(tooLarge);
    });

    test("of objects in objects, too many of them, is a 400", async () => {
      const { code, reason, message } = await create(
        "configmaps",
        `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`,
      );
      expect([code, reason, message]).toEqual([
        400,
        "BadRequest",
        expect.stringContaining("exceeded max depth"),
      ]);
    });
  });

  describe("an object", () => {
    const named = (kind: string, rest: object) => ({
      apiVersion: "v1",
      kind,
      metadata: { name: "guard-limits" },
      ...rest,
    });
    const tooLong = (kind: string, field: string, bytes: number) => {
      const message = `Too long: may not be more than ${bytes} bytes`;
      return {
        code: 422,
        reason: "Invalid",
        message: `${kind} "guard-limits" is invalid: ${field}: ${message}`,
        causes: [{ reason: "FieldValueTooLong", message, field }],
      };
    };
    const dryRun = "?dryRun=All";
    const created = { message: undefined, reason: undefined, code: undefined, causes: undefined };

    test("a config map has at most 1 MiB of data", async () => {
      const { configMap, tooMuch } = {
        configMap: (bytes: number) => named("ConfigMap", { data: { a: "x".repeat(bytes) } }),
        tooMuch: tooLong("ConfigMap", "[]", 1_048_576),
      };
      expect(await create("configmaps", configMap(1_048_577), dryRun)).toEqual(tooMuch);
      expect(await create("configmaps", configMap(1_048_576), dryRun)).toEqual(created);
    });

    test("a secret, too", async () => {
      const secret = (bytes: number) =>
        named("Secret", { data: { a: Buffer.alloc(bytes).toString("base64") } });
      expect(await create("secrets", secret(1_048_577), dryRun)).toEqual(
        tooLong("Secret", "data", 1_048_576),
      );
      expect(await create("secrets", secret(1_048_576), dryRun)).toMatchObject({ code: undefined });
    });

    test("has at most 256 KiB of annotations", async () => {
      const annotated = (bytes: number) => ({
        ...named("ConfigMap", {}),
        metadata: { name: "guard-limits", annotations: { a: "x".repeat(bytes - 1) } },
      });
      expect(await create("configmaps", annotated(262_145), dryRun)).toEqual(
        tooLong("ConfigMap", "metadata.annotations", 262_144),
      );
      expect(await create("configmaps", annotated(262_144), dryRun)).toEqual(created);
    });

    test("that is too large with its managers is stored without them, unless it is applied", async () => {
      const path = `${objects}/serviceaccounts/guard-limits`;
      const send = async (method: string, target: string, type: string, object: object) => {
        const body = JSON.stringify(object);
        const headers = `Content-Type: application/${type}\r\nContent-Length: ${body.length}\r\n`;
        return JSON.parse((await answerTo(request(method, target, headers, body))).body);
      };
      // Managers name each member of this list, as long as it is.
      const account = named("ServiceAccount", { secrets: [{ name: "x".repeat(1_000_000) }] });
      const text = expect.any(String);
      const own = { uid: text, creationTimestamp: text, resourceVersion: text };
      const metadata = { name: "guard-limits", namespace: "default", ...own };
      expect(await send("PATCH", `${path}?fieldManager=x`, "apply-patch+yaml", account)).toMatchObject({
        code: 500,
        message: "etcdserver: request is too large",
      });
      try {
        const created = await send("POST", `${objects}/serviceaccounts`, "json", account);
        expect(created.metadata).toEqual(metadata);
        const labels = { a: "b" };
        const changed = await send("PATCH", path, "merge-patch+json", { metadata: { labels } });
        expect(changed.metadata).toEqual({ ...metadata, labels });
      } finally {
        await answerTo(request("DELETE", path));
      }
    });

    test("is not stored with more than 1.5 MiB", async () => {
      const account = (bytes: number) => named("ServiceAccount", { secrets: [{ name: "x".repeat(bytes) }] });
      expect(await create("serviceaccounts", account(1_600_000))).toEqual({
        code: 500,
        reason: undefined,
        message: "etcdserver: request is too large",
        causes: undefined,
      });
      const { code, reason, message } = await create("serviceaccounts", account(2_500_000));
      expect([code, reason, message]).toEqual([
        500,
        undefined,
        expect.stringMatching(
          /^rpc error: code = ResourceExhausted desc = trying to send message larger than max \(\d+ vs\. 2097152\)$/,
        ),
      ]);
    });
  });
}

/** A body that has come in chunks. */
function joined(chunks: string): string {
  const end = chunks.indexOf("\r\n");
  const length = Number.parseInt(chunks.slice(0, end), 16);
  if (length === 0) return "";
  return chunks.slice(end + 2, end + 2 + length) + joined(chunks.slice(end + 4 + length));
}
