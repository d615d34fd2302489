import type { ServerResponse } from "node:http";
import { inspect } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { takePort } from "../../devserver/test/port-backends.ts";
import { Api, type Client, type ClientConfig, createClient, Pod } from "../src/index.ts";
import { answer, type Behaviour, refusal, serve } from "./api-server.ts";

const token = "s3cret-t0ken";
/** What a page sends instead of a header: the token in base64url. */
const encoded = "czNjcmV0LXQwa2Vu";
/** Somebody's command line is nobody else's business either. */
const password = "hunter2-on-the-command-line";
const secrets = [token, encoded, password];

/** What an API server asks a kubelet for, and says so when that does not answer. */
const kubeletUrl = `https://192.0.2.1:10250/exec/default/p/main?command=login&command=${password}&error=1`;

function look(value: unknown): string {
  const errors: unknown[] = [];
  for (let one = value; one instanceof Error; one = one.cause) {
    errors.push(one.message, one.stack, { ...one }, JSON.stringify(one));
  }
  const all = [value, ...errors];
  return all
    .flatMap((one) => [inspect(one, { depth: 12, showHidden: true }), String(one), JSON.stringify(one)])
    .join("\n");
}

function expectNoSecret(value: unknown): void {
  const text = look(value);
  for (const secret of secrets) expect(text).not.toContain(secret);
}

const uses: readonly [string, (api: Api<Pod>) => Promise<unknown>][] = [
  ["get", (api) => api.get("p", { requestTimeoutMs: 300 })],
  ["create", (api) => api.create({ spec: { containers: [] } }, { requestTimeoutMs: 300 })],
  ["watch", (api) => api.watch({ signal: AbortSignal.timeout(300) }).next()],
  ["waitFor", (api) => api.waitFor("p", () => false, { requestTimeoutMs: 300 })],
  ["attach", (api) => api.attach.stream("p", { requestTimeoutMs: 300 })],
  [
    "exec, unread Pod",
    (api) => api.exec.run("p", { command: ["login", password], readPod: false, requestTimeoutMs: 300 }),
  ],
];

/** Servers that repeat whatever they were told, as proxies and debug pages do. */
const echo = (status: number, body: (authorization: string) => unknown): Behaviour => ({
  http: ({ headers }, response) => answer(response, status, body(headers.authorization ?? "")),
  upgrade({ headers }, socket) {
    const text = JSON.stringify(body(headers.authorization ?? ""));
    socket.end(
      `HTTP/1.1 ${status} Echo\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`,
    );
  },
});

describe("no error of any use holds the token or the command line", () => {
  test.each<[string, Behaviour]>([
    ["repeats the header in a text", echo(401, (header) => `unknown: ${header} ${header.repeat(200)}`)],
    ["repeats it in a Status", echo(403, (header) => refusal(403, "Forbidden", `no: ${header}`))],
    ["repeats it where an object should be", echo(200, (header) => `you sent ${header}`)],
    [
      "repeats it in a watch",
      echo(200, (header) => ({ type: "ERROR", object: refusal(410, "Expired", header) })),
    ],
    [
      "redirects",
      {
        http: (_, response: ServerResponse) =>
          void response.writeHead(302, { location: `/?t=${token}` }).end(),
        upgrade: (_, socket) =>
          void socket.end(`HTTP/1.1 302 Found\r\nLocation: /?t=${token}\r\nContent-Length: 0\r\n\r\n`),
      },
    ],
    [
      "hangs up",
      { http: (_, response) => void response.destroy(), upgrade: (_, socket) => void socket.destroy() },
    ],
    [
      "quotes the kubelet's URL in a Status",
      echo(500, () => refusal(500, "InternalError", `error dialing backend: Get "${kubeletUrl}": refused`)),
    ],
    [
      "quotes the kubelet's URL in a text",
      echo(502, () => `error dialing backend: Get "${kubeletUrl}": refused`),
    ],
    ["says nothing", { http: () => undefined, upgrade: () => undefined }],
  ])("where the server %s", async (_how, behaviour) => {
    await using server = await serve(behaviour);
    for (const config of [{ token }, { token: async () => token }] satisfies Partial<ClientConfig>[]) {
      const api = new Api(Pod, { client: createClient({ server: server.url, ...config }) });
      await Promise.all(
        uses.map(async ([name, use]) => {
          const error: unknown = await use(api).catch((caught: unknown) => caught);
          expect(error, name).toBeInstanceOf(Error);
          expectNoSecret(error);
        }),
      );
    }
  });

  test("where there is no server", async () => {
    await using server = await serve({});
    const { port, release } = await takePort(Number(new URL(server.url).port));
    onTestFinished(release);
    const api = new Api(Pod, { client: createClient({ server: `http://127.0.0.1:${port}`, token }) });
    for (const [, use] of uses) expectNoSecret(await use(api).catch((caught: unknown) => caught));
  });

  test("where the token cannot be sent", async () => {
    expect(() => createClient({ server: "http://127.0.0.1:1", token: `${token}\n` })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining(token) }),
    );
    const client = createClient({ server: "http://127.0.0.1:1", token: () => `${token} ü` });
    for (const [, use] of uses)
      expectNoSecret(await use(new Api(Pod, { client })).catch((caught: unknown) => caught));
  });

  test("where a session ends badly", async () => {
    await using server = await serve({ socket: (socket) => socket.terminate() });
    const client = createClient({ server: server.url, token });
    const session = await new Api(Pod, { client }).exec.stream("p", { command: [password], readPod: false });
    const exit = await session.exited;
    expect(exit.kind).toBe("connectionLost");
    expectNoSecret("error" in exit && exit.error);
    expectNoSecret(session);
  });
});

/** Last words that quote what was to be run, as runtimes and API servers do. */
const lastWords: readonly [string, (command: readonly string[]) => object | undefined][] = [
  [
    "the runtime's word on an exit code",
    (command) => ({
      status: "Failure",
      message: `command terminated with non-zero exit code: error executing command [${command.join(" ")}], exit code 3`,
      reason: "NonZeroExitCode",
      details: { causes: [{ reason: "ExitCode", message: "3" }] },
    }),
  ],
  [
    "an API server that cannot reach the kubelet",
    () => {
      const message = `error dialing backend: Get "${kubeletUrl}": refused`;
      return {
        status: "Failure",
        message: `Internal error occurred: ${message}`,
        reason: "InternalError",
        details: { causes: [{ message }] },
        code: 500,
      };
    },
  ],
  [
    "a status that breaks the protocol",
    (command) => ({ status: "Failure", reason: "NonZeroExitCode", command }),
  ],
  ["a success that nothing proves", () => ({ status: "Success" })],
  ["no status", () => undefined],
];

describe.each([false, true])(
  "with verify: %s, no end of a session tells the command line or the mark",
  (verify) => {
    test.each(lastWords)("%s", async (_whose, lastWord) => {
      const marks: string[] = [];
      await using server = await serve({
        socket(socket, { query }) {
          const command = query.filter(([name]) => name === "command").map(([, value]) => value);
          marks.push(...command.filter((part) => /^[0-9a-f]{32}$/.test(part)));
          const status = lastWord(command);
          if (status) socket.send(Buffer.concat([Buffer.of(3), Buffer.from(JSON.stringify(status))]));
          socket.close(1000);
        },
      });
      const pods = new Api(Pod, { client: createClient({ server: server.url, token }) });
      const options = { command: ["login", password], readPod: false, verify };
      const session = await pods.exec.stream("p", options);
      const read: unknown = await session.stdout.text().catch((error: unknown) => error);
      const exit = await session.exited;
      const run: unknown = await pods.exec
        .run("p", { ...options, check: true })
        .catch((error: unknown) => error);
      for (const value of [session, read, exit, "error" in exit && exit.error, run]) {
        expectNoSecret(value);
        for (const mark of marks) expect(look(value)).not.toContain(mark);
      }
      expect(marks).toHaveLength(verify ? 2 : 0);
    });
  },
);

test("a client shows no token in inspect, JSON, a copy or its keys", () => {
  const client: Client = createClient({
    server: "http://127.0.0.1:1",
    token,
    headers: { "x-secret": password },
  });
  for (const value of [client, { ...client }, new Api(Pod, { client }), new Api(Pod, { client }).exec])
    expectNoSecret(value);
  expect(Object.keys(client)).toEqual(["server", "namespace", "requestTimeoutMs", "close"]);
});
