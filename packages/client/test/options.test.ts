import { inspect } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import {
  Api,
  type ClientConfig,
  ConfigMap,
  createClient,
  type ExecOptions,
  Namespace,
  Pod,
  type RunOptions,
} from "../src/index.ts";
import { unchecked } from "./unchecked.ts";

// A mistake in the arguments is a TypeError or a RangeError before any network: these fail the test when called.
const calls: string[] = [];
const config: ClientConfig = {
  server: "http://127.0.0.1:1",
  token: () => {
    calls.push("token");
    throw new Error("a token was asked for");
  },
  fetch: () => {
    calls.push("fetch");
    throw new Error("fetch was called");
  },
  dial: () => {
    calls.push("dial");
    throw new Error("dial was called");
  },
};
const client = createClient(config);
const pods = new Api(Pod, { client });

afterEach(() => {
  expect(calls).toEqual([]);
});

const badSegments: readonly unknown[] = [
  "",
  ".",
  "..",
  "a/b",
  "../pods",
  "a%2Fb",
  "\ud800",
  undefined,
  null,
  5,
  {},
];

describe("a name or namespace that would lead elsewhere is refused", () => {
  test.each(badSegments)("%j as the name", async (value) => {
    const name = unchecked<string>(value);
    for (const run of [
      () => pods.get(name),
      () => pods.delete(name),
      () => pods.waitFor(name, () => true),
      () => pods.attach.stream(name),
      () => pods.exec.stream(name, { command: ["true"] }),
      () => pods.exec.run(name, { command: ["true"] }),
    ]) {
      await expect(run()).rejects.toThrow(TypeError);
    }
  });

  test.each(badSegments.filter((value) => value !== undefined && value !== null))(
    "%j as the namespace",
    async (value) => {
      const namespace = unchecked<string>(value);
      expect(() => createClient({ ...config, namespace })).toThrow(TypeError);
      expect(() => new Api(Pod, { client, namespace })).toThrow(TypeError);
      for (const run of [
        () => pods.get("p", { namespace }),
        () => pods.list({ namespace }),
        () => pods.create({ metadata: { name: "p", namespace }, spec: { containers: [] } }),
        () => pods.delete("p", { namespace }),
        () => pods.waitFor("p", () => true, { namespace }),
        () => pods.watch({ namespace }).next(),
        () => pods.attach.stream("p", { namespace }),
        () => pods.exec.run("p", { namespace, command: ["true"] }),
      ]) {
        await expect(run()).rejects.toThrow(TypeError);
      }
    },
  );
});

describe("createClient", () => {
  test.each([
    ["no server", {}],
    ["a relative server", { server: "/k8s" }],
    ["another scheme", { server: "ws://127.0.0.1" }],
    ["a user", { server: "http://user@127.0.0.1" }],
    ["a password", { server: "http://:secret@127.0.0.1" }],
    ["a query", { server: "http://127.0.0.1?token=secret" }],
    ["a fragment", { server: "http://127.0.0.1#secret" }],
    ["an empty token", { token: "" }],
    ["a token of two lines", { token: "secret\nsecret" }],
    ["a token that is no text", { token: 5 }],
    ["a token in plain text", { server: "http://192.0.2.1", token: "secret" }],
    [
      "a token in plain text that is obtained later",
      { server: "http://localhost.invalid", token: () => "x" },
    ],
    ["a header of two lines", { token: undefined, headers: { "x-a": "secret\r\nx-b: c" } }],
    ["a header that is no text", { token: undefined, headers: { "x-a": 5 } }],
    ["a bearer token as a header", { token: undefined, headers: { Authorization: "Bearer secret" } }],
    ["a token and an Authorization header", { token: "secret", headers: { authorization: "Basic secret" } }],
  ])("refuses %s, without quoting a secret", (_name, change) => {
    const wrong = unchecked<ClientConfig>({ server: "http://127.0.0.1:1", ...change });
    if (Object.keys(change).length === 0) Reflect.deleteProperty(wrong, "server");
    let error: unknown;
    try {
      createClient(wrong);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(TypeError);
    expect(inspect(error, { depth: 9 })).not.toContain("secret");
  });

  test.each([
    { server: "http://192.0.2.1" },
    { server: "https://192.0.2.1", token: "secret" },
    { server: "http://192.0.2.1", token: "secret", allowInsecure: true },
    { server: "http://127.8.8.8", token: "secret" },
    { server: "http://[::1]:1", token: "secret" },
    { server: "http://pods.localhost", token: "secret" },
  ])("takes %j", (good) => {
    expect(createClient(good).server).toBe(good.server);
  });

  test.each([0, -1, 0.5, 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY, unchecked<number>("5")])(
    "refuses requestTimeoutMs %s",
    (requestTimeoutMs) => {
      expect(() => createClient({ ...config, requestTimeoutMs })).toThrow(RangeError);
    },
  );
});

describe("a wrong number is a RangeError", () => {
  const numbers = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, unchecked<number>("10")];

  test.each(numbers)("%s as a time limit", async (value) => {
    const signal = new AbortController().signal;
    for (const run of [
      () => pods.get("p", { requestTimeoutMs: value }),
      () => pods.create({ spec: { containers: [] } }, { requestTimeoutMs: value }),
      () => pods.list({ requestTimeoutMs: value }),
      () => pods.delete("p", { requestTimeoutMs: value }),
      () => pods.waitFor("p", () => true, { requestTimeoutMs: value, signal }),
      () => pods.attach.stream("p", { requestTimeoutMs: value }),
      () => pods.attach.stream("p", { exitTimeoutMs: value }),
      () => pods.exec.run("p", { command: ["true"], requestTimeoutMs: value }),
      () => pods.exec.run("p", { command: ["true"], timeoutMs: value }),
    ]) {
      await expect(run()).rejects.toThrow(RangeError);
    }
  });

  test.each(numbers)("%s as a number of bytes", async (value) => {
    for (const run of [
      () => pods.attach.stream("p", { highWaterBytes: value }),
      () => pods.attach.stream("p", { limitBytes: value }),
      () => pods.exec.run("p", { command: ["true"], maxOutputBytes: value }),
    ]) {
      await expect(run()).rejects.toThrow(RangeError);
    }
  });

  test("a page of no objects, and a negative grace period", async () => {
    await expect(pods.list({ limit: 0 })).rejects.toThrow(RangeError);
    await expect(pods.delete("p", { gracePeriodSeconds: -1 })).rejects.toThrow(RangeError);
  });

  test("a high-water mark above the limit, which would fail the session instead of pausing it", async () => {
    await expect(pods.attach.stream("p", { highWaterBytes: 20_000_000 })).rejects.toThrow(RangeError);
    await expect(pods.attach.stream("p", { highWaterBytes: 2, limitBytes: 1 })).rejects.toThrow(RangeError);
  });
});

describe("attach and exec refuse", () => {
  test.each<[string, object]>([
    ["a session without any channel", { stdout: false, stderr: false }],
    ["a terminal with stderr", { tty: true, stderr: true }],
    ["a terminal that nobody reads or writes", { tty: true, stdout: false }],
    ["a terminal of a word", { tty: "80x24" }],
    ["a terminal of nothing", { tty: null }],
    ["a terminal without a height", { tty: { width: 80 } }],
    ["a terminal whose width is text", { tty: { width: "80", height: 24 } }],
    ["a sized terminal with stderr", { tty: { width: 80, height: 24 }, stderr: true }],
    ["another way of ending stdin", { halfClose: true }],
    ["an onAttempt that is no function", { onAttempt: "log" }],
    ["an empty container name", { container: "" }],
    ["a container name that is no text", { container: 5 }],
    ["no subprotocol at all", { protocols: [] }],
    ["a subprotocol twice", { protocols: ["v5.channel.k8s.io", "v5.channel.k8s.io"] }],
    ["a string of subprotocols", { protocols: "v5.channel.k8s.io" }],
    ["a signal that is none", { signal: {} }],
  ])("%s with a TypeError", async (_name, options) => {
    await expect(pods.attach.stream("p", options)).rejects.toThrow(TypeError);
    const more = unchecked<ExecOptions>({ command: ["true"], ...options });
    await expect(pods.exec.stream("p", more)).rejects.toThrow(TypeError);
  });

  test.each([["v3.channel.k8s.io"], ["v6.channel.k8s.io"], [""], [undefined]])(
    "the subprotocol %s with a RangeError: nobody knows it over WebSocket",
    async (name) => {
      const protocols = unchecked<string[]>(["v5.channel.k8s.io", name]);
      await expect(pods.attach.stream("p", { protocols })).rejects.toThrow(RangeError);
    },
  );

  test.each([0, -1, 80.5, 65_536, Number.NaN])(
    "a terminal of %s cells with a RangeError: a server would stop reading the session",
    async (cells) => {
      for (const tty of [
        { width: cells, height: 24 },
        { width: 80, height: cells },
      ]) {
        await expect(pods.attach.stream("p", { tty })).rejects.toThrow(RangeError);
        await expect(pods.exec.stream("p", { command: ["sh"], tty })).rejects.toThrow(RangeError);
      }
    },
  );

  test.each<[unknown]>([[undefined], [[]], ["ls -l"], [["ls", 5]], [[undefined]]])(
    "the command %j",
    async (value) => {
      const options = unchecked<ExecOptions>({ command: value });
      await expect(pods.exec.stream("p", options)).rejects.toThrow(TypeError);
      await expect(pods.exec.run("p", unchecked<RunOptions>(options))).rejects.toThrow(TypeError);
    },
  );

  test("no options at all where a command is needed", async () => {
    await expect(pods.exec.stream("p", unchecked<ExecOptions>(undefined))).rejects.toThrow(TypeError);
    await expect(pods.exec.run("p", unchecked<RunOptions>(undefined))).rejects.toThrow(TypeError);
  });

  test.each([5, true, null, {}])("stdin %j of exec.run", async (stdin) => {
    const options = unchecked<RunOptions>({ command: ["true"], stdin });
    await expect(pods.exec.run("p", options)).rejects.toThrow(TypeError);
  });
});

test("a signal that is aborted already is a rejection with its reason, before any network", async () => {
  const reason = new Error("not any more");
  const signal = AbortSignal.abort(reason);
  for (const run of [
    () => pods.get("p", { signal }),
    () => pods.list({ signal }),
    () => pods.create({ spec: { containers: [] } }, { signal }),
    () => pods.watch({ signal }).next(),
    () => pods.waitFor("p", () => true, { signal }),
    () => pods.attach.stream("p", { signal }),
    () => pods.attach.stream("p", { signal, readPod: false }),
    () => pods.exec.run("p", { command: ["true"], signal }),
  ]) {
    await expect(run()).rejects.toBe(reason);
  }
});

test("a resource without namespaces ignores them, and one without a subresource says so", () => {
  expect(() => new Api(Namespace, { client })).not.toThrow();
  const configMaps = new Api(ConfigMap, { client });
  for (const use of [() => configMaps.attach, () => configMaps.exec]) {
    expect(use).toThrow(expect.objectContaining({ name: "NotImplementedError", code: "NOT_IMPLEMENTED" }));
  }
});
