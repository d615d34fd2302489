import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { Api, type ClientErrorCode, createClient, Pod } from "../src/index.ts";
import { answer, type Exchange, refusal, serve } from "./api-server.ts";

const pod = (phase: string, name = "p") => ({
  metadata: { name, resourceVersion: phase },
  status: { phase },
});
const event = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`;
const isWatch = ({ query }: Exchange): boolean => query.some(([name]) => name === "watch");
const running = ({ status }: Pod): boolean => status?.phase === "Running";

interface Answers {
  /** What reading the Pod gives, each time; a number is a refusal. */
  readonly reads: readonly unknown[];
  /** What the watches do, one after the other. */
  readonly watches?: readonly ((response: ServerResponse) => void)[];
}

async function setup({ reads, watches = [] }: Answers) {
  let read = 0;
  let watch = 0;
  const server = await serve({
    http(exchange, response) {
      if (isWatch(exchange)) {
        const behave = watches[watch++];
        return behave ? behave(response) : answer(response, 403, refusal(403, "Forbidden", "no watch"));
      }
      const one = reads[Math.min(read++, reads.length - 1)];
      if (one === 404) return answer(response, 404, refusal(404, "NotFound", "gone"));
      if (typeof one === "number") return answer(response, one, refusal(one, "", "no"));
      answer(response, 200, one);
    },
  });
  return {
    server,
    pods: new Api(Pod, { client: createClient({ server: server.url }) }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describe("watch", () => {
  test("asks for changes and gives each as it comes, wherever the stream is cut", async () => {
    const text =
      event("ADDED", pod("Pending")) + event("MODIFIED", pod("⚓")) + event("BOOKMARK", { metadata: {} });
    const bytes = Buffer.from(text);
    await using peer = await setup({
      reads: [],
      watches: [
        (response) => {
          const cut = bytes.indexOf(0xe2) + 1;
          response.write(bytes.subarray(0, cut), () => response.end(bytes.subarray(cut)));
        },
      ],
    });
    const seen: unknown[] = [];
    for await (const { type, object } of peer.pods.watch({ labelSelector: "a=b", resourceVersion: "5" })) {
      seen.push([type, "status" in object && object.status?.phase]);
    }
    expect(seen).toEqual([
      ["ADDED", "Pending"],
      ["MODIFIED", "⚓"],
      ["BOOKMARK", false],
    ]);
    expect(peer.server.exchanges[0]?.query).toEqual([
      ["labelSelector", "a=b"],
      ["resourceVersion", "5"],
      ["watch", "true"],
    ]);
  });

  test("rejects with the server's Status when that ends it", async () => {
    const status = refusal(410, "Expired", "too old resource version");
    await using peer = await setup({
      reads: [],
      watches: [(response) => response.end(event("ERROR", status))],
    });
    await expect(peer.pods.watch().next()).rejects.toMatchObject({
      code: "EXPIRED",
      httpStatus: 410,
      status,
    });
  });

  test.each([
    ["no JSON", "<html>\n"],
    ["null", "null\n"],
    ["a number", "5\n"],
    ["no type", '{"object":{"metadata":{}}}\n'],
    ["an unknown type", event("RENAMED", pod("x"))],
    ["no object", '{"type":"ADDED"}\n'],
    ["an object without metadata", '{"type":"ADDED","object":{}}\n'],
    ["an error without a Status", '{"type":"ERROR","object":null}\n'],
    ["half an event", '{"type":"ADDED","obj'],
  ])("rejects with BAD_RESPONSE for %s", async (_name, text) => {
    await using peer = await setup({ reads: [], watches: [(response) => response.end(text)] });
    await expect(peer.pods.watch().next()).rejects.toMatchObject({
      code: "BAD_RESPONSE",
      body: expect.any(String),
    });
  });

  test("rejects with CONNECTION_FAILED when the connection breaks", async () => {
    await using peer = await setup({
      reads: [],
      watches: [(response) => response.write(event("ADDED", pod("Pending")), () => response.destroy())],
    });
    const events = peer.pods.watch();
    expect((await events.next()).value).toMatchObject({ type: "ADDED" });
    await expect(events.next()).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
  });

  test("ends its request when the loop is left, and when its signal is aborted", async () => {
    const closed: Promise<void>[] = [];
    const endless = (response: ServerResponse): void => {
      closed.push(new Promise((resolve) => response.on("close", resolve)));
      response.write(event("ADDED", pod("Pending")));
    };
    await using peer = await setup({ reads: [], watches: [endless, endless] });
    for await (const _ of peer.pods.watch()) break;
    await closed[0];
    const controller = new AbortController();
    const reason = new Error("enough");
    const loop = (async () => {
      for await (const _ of peer.pods.watch({ signal: controller.signal })) controller.abort(reason);
    })();
    await expect(loop).rejects.toBe(reason);
    await closed[1];
  });
});

describe("waitFor", () => {
  test("gives the object that meets the condition at once, without a watch", async () => {
    await using peer = await setup({ reads: [pod("Running")] });
    expect((await peer.pods.waitFor("p", running)).status?.phase).toBe("Running");
    expect(peer.server.exchanges).toHaveLength(1);
  });

  test("watches from the version it has read, and takes no other object's change for its own", async () => {
    await using peer = await setup({
      reads: [pod("Pending")],
      watches: [
        (response) => {
          response.write(event("MODIFIED", pod("Running", "another")));
          response.write(event("DELETED", pod("Failed", "another")));
          response.write(event("BOOKMARK", { metadata: { resourceVersion: "9" } }));
          response.write(event("MODIFIED", pod("Running")));
        },
      ],
    });
    expect((await peer.pods.waitFor("p", running)).metadata.name).toBe("p");
    expect(peer.server.exchanges[1]?.query).toEqual([
      ["fieldSelector", "metadata.name=p"],
      ["resourceVersion", "Pending"],
      ["watch", "true"],
    ]);
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ["is forbidden", (response) => answer(response, 403, refusal(403, "Forbidden", "no watch"))],
    ["ends", (response) => response.end()],
    ["breaks", (response) => response.destroy()],
    ["has expired (410)", (response) => response.end(event("ERROR", refusal(410, "Expired", "too old")))],
    ["is answered with 410", (response) => answer(response, 410, refusal(410, "Expired", "too old"))],
    ["sends garbage", (response) => response.end("]]>\n")],
    ["sends null", (response) => response.end("null\n")],
  ])("reads again where the watch %s", async (_name, watch) => {
    await using peer = await setup({ reads: [pod("Pending"), pod("Running")], watches: [watch] });
    expect((await peer.pods.waitFor("p", running)).status?.phase).toBe("Running");
  });

  test.each([429, 500, 503])(
    "goes on when the API server answers %i for a while, once it has been read",
    async (status) => {
      await using peer = await setup({ reads: [pod("Pending"), status, status, pod("Running")] });
      expect((await peer.pods.waitFor("p", running)).status?.phase).toBe("Running");
    },
  );

  test.each<[number, ClientErrorCode]>([
    [401, "UNAUTHORIZED"],
    [403, "FORBIDDEN"],
  ])(
    "rejects when it may not read the object any more (%i), and at once when it never could",
    async (status, code) => {
      for (const reads of [[pod("Pending"), status], [status]]) {
        await using peer = await setup({ reads });
        await expect(peer.pods.waitFor("p", running)).rejects.toMatchObject({ code });
      }
      await using away = await setup({ reads: [503] });
      await expect(away.pods.waitFor("p", running)).rejects.toMatchObject({ code: "SERVER_ERROR" });
    },
  );

  test("is NOT_FOUND when the object is not there, when it is deleted, and when it goes while nobody watches", async () => {
    for (const answers of [
      { reads: [404] },
      {
        reads: [pod("Pending")],
        watches: [(r: ServerResponse) => void r.write(event("DELETED", pod("Failed")))],
      },
      { reads: [pod("Pending"), 404] },
    ]) {
      await using peer = await setup(answers);
      await expect(peer.pods.waitFor("p", running)).rejects.toMatchObject({
        code: "NOT_FOUND",
        httpStatus: 404,
        message: 'pods "p" not found',
      });
    }
  });

  test("is TIMEOUT within its limit, whatever keeps coming", async () => {
    const endless = (response: ServerResponse): void => {
      const more = (): boolean => response.write(event("MODIFIED", pod("Pending")), () => setImmediate(more));
      more();
    };
    await using peer = await setup({ reads: [pod("Pending")], watches: [endless] });
    await expect(peer.pods.waitFor("p", running, { requestTimeoutMs: 100 })).rejects.toMatchObject({
      code: "TIMEOUT",
      message: "Pod p did not meet the condition within 100 ms",
    });
  });

  test("passes the condition's own error on", async () => {
    await using peer = await setup({ reads: [pod("Pending")] });
    const failing = () => {
      throw new Error("mine");
    };
    await expect(peer.pods.waitFor("p", failing)).rejects.toThrow("mine");
  });
});
