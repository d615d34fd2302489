import { inspect } from "node:util";
import { Api, createClient, Pod } from "@podwire/client";
import { createDevServer, type DevServer } from "@podwire/devserver";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createRequests, podsPath, shell } from "./requests.ts";
import { openSession } from "./sessions.ts";

let server: DevServer;

beforeEach(async () => {
  server = await createDevServer({ images: { app: async ({ exec }) => (exec ? 7 : new Promise(() => {})) } });
});

afterEach(() => server.close());

const list = async (token: string): Promise<number> => {
  const answer = await fetch(server.url + podsPath, { headers: { authorization: `Bearer ${token}` } });
  await answer.text();
  return answer.status;
};

test("the token of the handle is good from the start, and alone when the old one has expired", async () => {
  const expired = server.faults.add({ kind: "expire" }, { nth: 2 });
  const { token } = server.config;
  const statuses = [await list(expired.token), await list(token), await list(token), await list(token)];
  expect(statuses).toEqual([200, 200, 401, 401]);
  expect([await list(expired.token), expired.met]).toEqual([200, 2]);
});

test("a second one lets the first one's token expire too", async () => {
  const first = server.faults.add({ kind: "expire" });
  const second = server.faults.add({ kind: "expire" });
  expect([await list(server.config.token), await list(first.token), await list(second.token)]).toEqual([
    401, 401, 200,
  ]);
  second.remove();
  expect([await list(first.token), await list(second.token)]).toEqual([200, 401]);
});

test("without the fault its token is good no more, and the old one is again", async () => {
  const expired = server.faults.add({ kind: "expire" });
  expect([await list(server.config.token), await list(expired.token)]).toEqual([401, 200]);
  expired.remove();
  expect([await list(server.config.token), await list(expired.token)]).toEqual([200, 401]);
});

test("who asks without a token, as everybody may for the version, is not met", async () => {
  const expired = server.faults.add({ kind: "expire" });
  expect([(await fetch(`${server.url}/version`)).status, expired.met]).toEqual([200, 0]);
});

test("a client that asks for its token each time goes on with the new one, in sessions too", async () => {
  const { config } = server;
  let { token } = config;
  await using client = createClient({ ...config, token: () => token });
  const pods = new Api(Pod, { client });
  await pods.create({
    metadata: { name: "app" },
    spec: { containers: [{ name: "main", image: "app", command: ["app"] }] },
  });
  await pods.waitFor("app", ({ status }) => status?.phase === "Running");
  const expired = server.faults.add({ kind: "expire" });
  await expect(pods.get("app")).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  await expect(pods.exec.run("app", { command: ["app"] })).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  token = expired.token;
  expect((await pods.exec.run("app", { command: ["app"] })).exitCode).toBe(7);
});

test("a session that has begun with the old token lasts", async () => {
  await createRequests(server).run("web", shell("sleep 1000"));
  const session = await openSession(server, "web/exec?command=cat&stdin=true&stdout=true");
  using _expired = server.faults.add({ kind: "expire" });
  expect(await list(server.config.token)).toBe(401);
  session.send("00 6869");
  await session.until(({ text }) => text(1) === "hi");
  session.socket.terminate();
});

test("its token is in no log and no JSON", () => {
  const expired = server.faults.add({ kind: "expire" });
  expect(expired.token).toMatch(/^[\w-]{32}$/);
  expect(inspect(expired, { depth: 9 }) + JSON.stringify([expired, server.faults])).not.toContain(
    expired.token,
  );
});
