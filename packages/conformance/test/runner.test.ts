import { createDevServer } from "@podwire/devserver";
import { expect, onTestFinished, test } from "vitest";
import { exchangeSuite, exchanges } from "../src/exchanges.ts";
import { type Runner, type SessionTarget, sessionSuite } from "../src/index.ts";

// A machine may be busy.
const patient = { timeoutMs: 20_000 };

/** A runner that keeps what it is told, to be run by hand. */
function collecting() {
  const tests = new Map<string, () => Promise<void>>();
  const afters: (() => Promise<void>)[] = [];
  const runner: Runner = {
    describe: (_name, body) => body(),
    test: (name, _options, body) => tests.set(name, body),
    after: (body) => afters.push(body),
  };
  return { tests, runner, end: () => Promise.all(afters.map((body) => body())) };
}

async function devserver() {
  const server = await createDevServer();
  onTestFinished(() => server.close());
  const target: SessionTarget = {
    config: async () => server.config,
    stranger: async (token) => ({ ...server.config, token }),
    image: "busybox:1.36",
    protocols: ["v5.channel.k8s.io"],
    terminals: false,
  };
  return { server, target };
}

test("the suite makes a test of every audit that applies, and leaves no Pod behind", async () => {
  const { server, target } = await devserver();
  const { tests, runner, end } = collecting();
  sessionSuite("mine", { ...target, expectedFailures: { "exec-exit-3": "a reason" } }, runner);
  const named = (id: string) => [...tests].find(([name]) => name.startsWith(`${id} · `));
  expect(named("terminal-size")).toBeUndefined();
  expect(named("input-5-mb")?.[0]).toBe("input-5-mb · MUST carry 5 MB and their end");
  await named("exec-exit-1")?.[1]();
  expect(server.sessions.all).not.toEqual([]);
  // It holds here: to expect otherwise is stale.
  expect(named("exec-exit-3")?.[0]).toBe("exec-exit-3 · known to fail: a reason");
  await expect(named("exec-exit-3")?.[1]()).rejects.toThrow("it has not rejected");
  const pod = server.sessions.all[0]?.pod ?? "";
  await end();
  expect(await server.pods.until(pod, (one) => one === undefined, patient)).toBeUndefined();
});

test("an expected failure that is of no audit, or of no exchange, is a mistake", async () => {
  const { target } = await devserver();
  expect(() =>
    sessionSuite("mine", { ...target, expectedFailures: { nothing: "" } }, collecting().runner),
  ).toThrow(RangeError);
  const options = { target: () => expect.unreachable("nothing is run"), expectedFailures: { nothing: "" } };
  expect(() => exchangeSuite("mine", options, collecting().runner)).toThrow(RangeError);
});

test("every exchange is a test, which says what came instead", async () => {
  const { server } = await devserver();
  await server.pods.run({ name: "web", image: "busybox", command: ["sleep", "1000"], ...patient });
  const headers = { Authorization: `Bearer ${server.config.token}` };
  const { tests, runner } = collecting();
  const [first, second] = exchanges.map(({ id }) => id);
  const expectedFailures = { [first ?? ""]: "a reason" };
  const target = async () => ({ server: server.url, pod: "web", headers });
  exchangeSuite("mine", { target, expectedFailures }, runner);
  expect(tests.size).toBe(exchanges.length);
  await tests.get(second ?? "")?.();
  await expect(tests.get(`${first} · known to fail: a reason`)?.()).rejects.toThrow(
    "it goes as it should: a reason",
  );
  const none = collecting();
  exchangeSuite("mine", { target: async () => ({ server: server.url, pod: "none", headers }) }, none.runner);
  await expect(none.tests.get(second ?? "")?.()).rejects.toThrow(
    'the server answered "HTTP/1.1 404 Not Found", and not with 101',
  );
});
