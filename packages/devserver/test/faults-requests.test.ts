import type { RequestInfo } from "@podwire/devserver";
import { afterEach, describe, expect, test } from "vitest";
import { podsPath } from "./requests.ts";
import { runWeb, serve } from "./serve.ts";
import { answerTo, headOf, upgradeRequest } from "./sessions.ts";
import { spdyHeaders } from "./upgraded.ts";

const served = serve("fault", {}, runWeb);

afterEach(() => served.server.faults.clear());
const exec = "web/exec?command=true&stdout=true";
const bodyOf = (answer: string): string => answer.slice(answer.indexOf("\r\n\r\n") + 4);
const failure = '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure"';

describe("a refusal", () => {
  test("answers a plain request with a Status", async () => {
    const fault = served.server.faults.add(
      { kind: "refuse", code: 429, message: "slow down" },
      { method: "GET" },
    );
    const { status, text } = await served.requests.send("GET", podsPath);
    expect([status, text, fault.met]).toEqual([
      429,
      `${failure},"message":"slow down","reason":"TooManyRequests","code":429}`,
      1,
    ]);
  });

  test("answers a session with a text, and nothing else that is asked for", async () => {
    const fault = served.server.faults.add(
      { kind: "refuse", code: 502, text: "Bad Gateway" },
      { subresource: "exec" },
    );
    const answer = await answerTo(served.server, upgradeRequest(served.server, exec));
    expect([answer.split("\r\n")[0], bodyOf(answer)]).toEqual(["HTTP/1.1 502 Bad Gateway", "Bad Gateway"]);
    expect((await served.requests.send("GET", podsPath)).status).toBe(200);
    expect(fault.met).toBe(1);
  });

  test("is not for somebody without the token, who is not counted either", async () => {
    const fault = served.server.faults.add({ kind: "refuse", code: 500, text: "fault" });
    const answer = await fetch(served.server.url + podsPath);
    expect([answer.status, fault.met]).toEqual([403, 0]);
  });
});

describe("a match", () => {
  const statuses = async (count: number, path = podsPath): Promise<number[]> => {
    const all: number[] = [];
    for (let index = 0; index < count; index++) all.push((await served.requests.send("GET", path)).status);
    return all;
  };

  test("can be the n-th request alone", async () => {
    served.server.faults.add({ kind: "refuse", code: 500 }, { nth: 2 });
    expect(await statuses(3)).toEqual([200, 500, 200]);
  });

  test("can be the first so many", async () => {
    const fault = served.server.faults.add({ kind: "refuse", code: 500 }, { times: 2 });
    expect(await statuses(4)).toEqual([500, 500, 200, 200]);
    expect(fault.met).toBe(2);
  });

  test("ends with its handle", async () => {
    {
      using fault = served.server.faults.add({ kind: "refuse", code: 500 });
      expect([await statuses(1), fault.met]).toEqual([[500], 1]);
    }
    expect(await statuses(1)).toEqual([200]);
  });

  test.for([
    ["a method", { method: "POST" }],
    ["a path", { path: "/version" }],
    ["a pattern of paths", { path: /\/secrets/ }],
    ["a verb", { verb: "watch" }],
    ["a resource", { resource: "services" }],
    ["a subresource", { subresource: "exec" }],
    ["a namespace", { namespace: "kube-system" }],
    ["a Pod", { pod: "other" }],
    ["a function", { where: () => false }],
  ] as const)("by %s leaves other requests alone", async ([, match]) => {
    const fault = served.server.faults.add({ kind: "refuse", code: 500 }, match);
    expect([await statuses(1, `${podsPath}/web`), fault.met]).toEqual([[200], 0]);
  });

  test.for([
    ["a method", { method: "GET" }],
    ["a path", { path: `${podsPath}/web` }],
    ["a pattern of paths", { path: /pods\/w/ }],
    ["a verb", { verb: "get" }],
    ["a resource", { resource: "pods" }],
    ["a namespace", { namespace: "default" }],
    ["a Pod", { pod: "web" }],
    ["a function", { where: ({ name, query }: RequestInfo) => name === "web" && query.size === 0 }],
  ] as const)("by %s meets those that it is about", async ([, match]) => {
    served.server.faults.add({ kind: "refuse", code: 500 }, match);
    expect(await statuses(1, `${podsPath}/web`)).toEqual([500]);
  });

  test("counts each of several faults, which come in the order in which they were added", async () => {
    const first = served.server.faults.add({ kind: "refuse", code: 500 }, { nth: 1 });
    const second = served.server.faults.add({ kind: "refuse", code: 503 }, { times: 2 });
    expect([await statuses(3), first.met, second.met]).toEqual([[500, 503, 200], 1, 2]);
  });
});

test("a delay lets the answer come as late as that, and a stall never", async () => {
  served.server.faults.add({ kind: "delay", ms: 150 }, { path: podsPath });
  served.server.faults.add({ kind: "stall" }, { path: "/version" });
  const before = performance.now();
  expect((await served.requests.send("GET", podsPath)).status).toBe(200);
  expect(performance.now() - before).toBeGreaterThanOrEqual(149);
  const headers = { authorization: `Bearer ${served.server.config.token}` };
  const never = fetch(`${served.server.url}/version`, { headers, signal: AbortSignal.timeout(300) });
  await expect(never).rejects.toThrow("timeout");
});

describe("a cut plain request", () => {
  const request = (): string =>
    [
      `GET ${podsPath} HTTP/1.1`,
      `Host: ${new URL(served.server.url).host}`,
      `Authorization: Bearer ${served.server.config.token}`,
      "",
      "",
    ].join("\r\n");

  test("has no answer at all", async () => {
    served.server.faults.add({ kind: "cut", by: "fin" });
    expect(await answerTo(served.server, request())).toBe("");
  });

  test("is reset", async () => {
    served.server.faults.add({ kind: "cut", by: "rst" });
    await expect(answerTo(served.server, request())).rejects.toThrow("ECONNRESET");
  });

  test("is the head alone after 0 bytes of its body", async () => {
    served.server.faults.add({ kind: "cut", by: "fin", afterBytes: 0 });
    expect(await answerTo(served.server, request())).toMatch(/^HTTP\/1.1 200 OK\r\n[^{]*\r\n\r\n$/);
  });

  test("has that many bytes of its body", async () => {
    served.server.faults.add({ kind: "cut", by: "fin", afterBytes: 15 });
    // One chunk, and not the last one.
    expect(bodyOf(await answerTo(served.server, request()))).toBe('f\r\n{"kind":"PodLis\r\n');
  });

  test("breaks a watch in the middle of an event", async () => {
    served.server.faults.add({ kind: "cut", by: "rst", afterBytes: 30 }, { verb: "watch" });
    const events = served.requests.watch("");
    await expect(events.next()).rejects.toThrow("terminated");
  });

  test("of silence keeps its connection, and nothing more comes", async () => {
    served.server.faults.add({ kind: "cut", by: "silence", afterBytes: 5 }, { nth: 1 });
    const { config, url } = served.server;
    const leave = new AbortController();
    const answer = await fetch(url + podsPath, {
      headers: { authorization: `Bearer ${config.token}` },
      signal: leave.signal,
    });
    const reader = answer.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('{"kin');
    const more = expect(reader?.read()).rejects.toThrow("enough");
    expect((await served.requests.send("GET", podsPath)).status).toBe(200);
    leave.abort(new Error("enough"));
    await more;
  });
});

describe("a denial", () => {
  const denied = (message: string, details: string): string =>
    `${failure},"message":${JSON.stringify(message)},"reason":"Forbidden","details":${details},"code":403}`;

  test.for([
    [
      "GET",
      podsPath,
      'pods is forbidden: User "devserver" cannot list resource "pods" in API group "" in the namespace "default"',
      '{"kind":"pods"}',
    ],
    [
      "GET",
      `${podsPath}?watch=1`,
      'pods is forbidden: User "devserver" cannot watch resource "pods" in API group "" in the namespace "default"',
      '{"kind":"pods"}',
    ],
    [
      "GET",
      `${podsPath}/web`,
      'pods "web" is forbidden: User "devserver" cannot get resource "pods" in API group "" in the namespace "default"',
      '{"name":"web","kind":"pods"}',
    ],
    [
      "DELETE",
      `${podsPath}/web`,
      'pods "web" is forbidden: User "devserver" cannot delete resource "pods" in API group "" in the namespace "default"',
      '{"name":"web","kind":"pods"}',
    ],
    [
      "GET",
      "/api/v1/nodes/n1",
      'nodes "n1" is forbidden: User "devserver" cannot get resource "nodes" in API group "" at the cluster scope',
      '{"name":"n1","kind":"nodes"}',
    ],
    [
      "GET",
      "/api/v1/namespaces/x",
      'namespaces "x" is forbidden: User "devserver" cannot get resource "namespaces" in API group "" in the namespace "x"',
      '{"name":"x","kind":"namespaces"}',
    ],
  ] as const)("of %s %s says what an API server says", async ([method, path, message, details]) => {
    served.server.faults.add({ kind: "deny" });
    const { status, text } = await served.requests.send(method, path);
    expect([status, text]).toEqual([403, denied(message, details)]);
  });

  const cannot = (verb: string): string =>
    `pods "web" is forbidden: User "devserver" cannot ${verb} resource "pods/exec" in API group "" in the namespace "default"`;

  test.for([
    ["a WebSocket without get", ["get"], {}, "GET", cannot("get")],
    // An authorizer gives no reason for the second check.
    ["a WebSocket without create", ["create"], {}, "GET", 'pods "web" is forbidden: '],
    ["SPDY without create", ["create"], spdyHeaders("v4.channel.k8s.io"), "POST", cannot("create")],
  ] as const)("meets %s", async ([, verbs, headers, method, message]) => {
    const fault = served.server.faults.add({ kind: "deny", verbs, resources: ["pods/exec"] });
    const answer = await answerTo(served.server, upgradeRequest(served.server, exec, headers, method));
    expect([answer.split("\r\n")[0], bodyOf(answer)]).toEqual([
      "HTTP/1.1 403 Forbidden",
      denied(message, '{"name":"web","kind":"pods"}'),
    ]);
    expect(fault.met).toBe(1);
  });

  test("is about its verbs, resources and names alone", async () => {
    const { faults } = served.server;
    const others = [
      faults.add({ kind: "deny", verbs: ["delete"] }),
      faults.add({ kind: "deny", resources: ["pods", "pods/log"] }),
      faults.add({ kind: "deny", resourceNames: ["other"] }),
    ];
    expect(await headOf(served.server, upgradeRequest(served.server, exec))).toMatch(/^HTTP\/1.1 101 /);
    expect((await served.requests.send("GET", "/version")).status).toBe(200);
    expect(others.map(({ met }) => met)).toEqual([0, 0, 0]);
  });

  test("is heard before it is known whether there is such a Pod", async () => {
    served.server.faults.add({ kind: "deny" });
    expect(await answerTo(served.server, upgradeRequest(served.server, exec.replace("web", "none")))).toMatch(
      /^HTTP\/1.1 403 /,
    );
  });
});

test("a token that has expired is refused from then on, until the fault is removed", async () => {
  const fault = served.server.faults.add({ kind: "expire" }, { subresource: "exec", nth: 2 });
  const asked = async (): Promise<string[]> => [
    (await headOf(served.server, upgradeRequest(served.server, exec))).split("\r\n")[0] ?? "",
    String((await served.requests.send("GET", podsPath)).status),
  ];
  expect(await asked()).toEqual(["HTTP/1.1 101 Switching Protocols", "200"]);
  expect(await asked()).toEqual(["HTTP/1.1 401 Unauthorized", "401"]);
  expect(await asked()).toEqual(["HTTP/1.1 401 Unauthorized", "401"]);
  fault.remove();
  expect([await asked(), fault.met]).toEqual([["HTTP/1.1 101 Switching Protocols", "200"], 4]);
});

// As whoever writes JavaScript may do it.
test.for([
  [{}, "a fault has a kind"],
  [{ kind: "toString" }, "a fault has a kind"],
  [{ kind: "refuse", code: 200 }, "code must be an integer from 400 to 599, not 200"],
  [{ kind: "cut", by: "axe" }, 'by must be one of fin, rst, silence, not "axe"'],
  [
    { kind: "throttle", direction: "in", bytesPerSecond: 0 },
    "bytesPerSecond must be an integer of at least 1",
  ],
] as const)("%j is no fault", ([fault, message]) => {
  expect(() => Reflect.apply(served.server.faults.add, undefined, [fault])).toThrow(message);
  expect(() => Reflect.apply(served.server.faults.add, undefined, [fault])).toThrow(/^/);
});
