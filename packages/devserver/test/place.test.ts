import { once } from "node:events";
import { Agent, request } from "node:https";
import { createDevServer, type DevServer } from "@podwire/devserver";
import { expect, onTestFinished, test } from "vitest";

async function start(options: Parameters<typeof createDevServer>[0]): Promise<DevServer> {
  const server = await createDevServer(options);
  onTestFinished(() => server.close());
  return server;
}

/** How a request is answered that comes to an address under a name. */
async function statusUnder(
  name: string,
  { url, config: { ca, token } }: DevServer,
): Promise<number | undefined> {
  const { port } = new URL(url);
  const agent = new Agent({ ...(ca !== undefined && { ca }), servername: name });
  const headers = { authorization: `Bearer ${token}`, host: `${name}:${port}` };
  const sent = request({ hostname: "127.0.0.1", port, path: "/api/v1/pods", agent, headers }).end();
  const [answer] = await once(sent, "response");
  answer.resume();
  agent.destroy();
  return answer.statusCode;
}

test("listens where it is told, and is called so", async () => {
  const server = await start({ host: "127.0.0.2" });
  const { hostname, port } = new URL(server.url);
  expect(hostname).toBe("127.0.0.2");
  expect(server.config.server).toBe(server.url);
  expect((await fetch(`${server.url}/version`)).status).toBe(200);
  await expect(fetch(`http://127.0.0.1:${port}/version`)).rejects.toThrow();
});

test("listens on all addresses, with a certificate for the names it may be called by", async () => {
  const server = await start({ host: "0.0.0.0", allowedHosts: ["Dev.Example", "192.0.2.7"], tls: true });
  expect(new URL(server.url).hostname).toBe("dev.example");
  expect(await statusUnder("dev.example", server)).toBe(200);
  expect(await statusUnder("localhost", server)).toBe(200);
  await expect(statusUnder("other.example", server)).rejects.toMatchObject({
    code: "ERR_TLS_CERT_ALTNAME_INVALID",
  });
});

test("takes no other name, whoever the certificate is for", async () => {
  const server = await start({});
  const sent = await fetch(`${server.url.replace("127.0.0.1", "127.0.0.3")}/version`).catch(() => undefined);
  expect(sent).toBeUndefined();
  const named = await start({ host: "0.0.0.0", tls: true });
  expect(new URL(named.url).hostname).toBe("127.0.0.1");
  expect(await statusUnder("127.0.0.1", named)).toBe(200);
});

test.each([
  [{ host: "localhost" }, TypeError, "host must be an IP address"],
  [{ host: "" }, TypeError, "host must be an IP address"],
  [{ host: "0.0.0.0" }, RangeError, "a host that others reach, 0.0.0.0, needs tls: true"],
  [{ host: "::" }, RangeError, "a host that others reach, ::, needs tls: true"],
  [{ host: "192.0.2.7" }, RangeError, "needs tls: true"],
  [{ allowedHosts: ["dev.example:80"] }, TypeError, 'allowedHosts has "dev.example:80"'],
  [{ allowedHosts: ["https://dev.example"] }, TypeError, "which is no host name without a port"],
  [{ allowedHosts: [""] }, TypeError, "which is no host name without a port"],
])("refuses %j", async (options, kind, message) => {
  const starting = createDevServer(options);
  await expect(starting).rejects.toThrow(kind);
  await expect(starting).rejects.toThrow(message);
});

test("says where it could not listen", async () => {
  await expect(createDevServer({ host: "192.0.2.77", tls: true })).rejects.toMatchObject({
    code: "LISTEN_FAILED",
    message: "cannot listen on port 0 of 192.0.2.77",
  });
});
