import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent } from "node:https";
import { type AddressInfo, createServer } from "node:net";
import { inspect } from "node:util";
import { type NodeDialOptions, nodeDial } from "@podwire/transport/node";
import { afterEach, describe, expect, test } from "vitest";
import {
  startTransportServer,
  type TransportServer,
} from "../../../tools/conformance/src/transport-server.ts";

const fixture = (name: string) =>
  readFileSync(new URL(`../../../tools/conformance/fixtures/${name}`, import.meta.url), "utf8");
const ca = fixture("ca.pem");
const bytes = (text: string) => new TextEncoder().encode(text);

let server: TransportServer | undefined;
afterEach(() => server?.close());

async function serve(more: object = {}): Promise<TransportServer> {
  const tls = { key: fixture("server.key"), cert: fixture("server.pem"), ALPNProtocols: ["h2", "http/1.1"] };
  server = await startTransportServer({ ...tls, ...more });
  return server;
}

/** Opens and closes; resolves with what the server saw. */
async function visit(to: TransportServer, options: Partial<NodeDialOptions>) {
  await new Promise((close, reject) => {
    nodeDial(
      `${to.url}/echo?id=visit`,
      (connection) => {
        connection.close();
        return { message: () => undefined, close };
      },
      { protocols: ["a"], ...options },
    ).catch(reject);
  });
  return to.reportOf("visit");
}

describe("TLS", () => {
  test.each<[string, NonNullable<NodeDialOptions["ca"]>]>([
    ["text", ca],
    ["bytes", bytes(ca)],
    ["a list", [fixture("other-ca.pem"), bytes(ca)]],
  ])("trusts a custom authority given as %s", async (_form, authority) => {
    await expect(visit(await serve(), { ca: authority })).resolves.toMatchObject({ requests: 1 });
  });

  test.each([
    ["no authority of its own", {}, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    ["another authority", { ca: fixture("other-ca.pem") }, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    ["another name", { ca, servername: "kubernetes.podwire.test" }, "ERR_TLS_CERT_ALTNAME_INVALID"],
  ])("fails to connect with %s, and says why", async (_what, options, code) => {
    await expect(visit(await serve(), options)).rejects.toMatchObject({
      name: "TransportError",
      code: "CONNECT_FAILED",
      cause: { code },
    });
    expect(server?.reportOf("visit").requests).toBe(0);
  });

  test("asks for the server name it is told, and checks the certificate against it", async () => {
    const named = await serve({ key: fixture("named.key"), cert: fixture("named.pem") });
    await expect(visit(named, { ca })).rejects.toMatchObject({ code: "CONNECT_FAILED" });
    const report = await visit(named, { ca, servername: "kubernetes.podwire.test" });
    expect(report.servername).toBe("kubernetes.podwire.test");
  });

  test("offers nothing but HTTP/1.1, also to a server that prefers HTTP/2", async () => {
    expect((await visit(await serve(), { ca })).alpn).toBe("http/1.1");
  });

  test("presents a client certificate", async () => {
    const strict = await serve({ ca, requestCert: true, rejectUnauthorized: true });
    const report = await visit(strict, {
      ca,
      cert: bytes(fixture("client.pem")),
      key: bytes(fixture("client.key")),
    });
    expect(report.clientName).toBe("podwire test client");
  });

  test("reports a client certificate that the server misses as a failure to connect", async () => {
    const strict = await serve({ ca, requestCert: true, rejectUnauthorized: true });
    await expect(visit(strict, { ca })).rejects.toMatchObject({
      code: "CONNECT_FAILED",
      cause: { code: "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED" },
    });
  });

  test("trusts anybody only when told to", async () => {
    await expect(visit(await serve(), { rejectUnauthorized: false })).resolves.toMatchObject({ requests: 1 });
  });

  test("goes through an agent", async () => {
    const agent = new Agent({ ca, maxSockets: 1 });
    await expect(visit(await serve(), { agent })).resolves.toMatchObject({ requests: 1, alpn: "http/1.1" });
    agent.destroy();
  });

  test("says that a key cannot be read without showing it", async () => {
    const key = fixture("client.key").replace("BEGIN", "BEGINN");
    const failure = await visit(await serve(), { ca, cert: fixture("client.pem"), key }).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: "CONNECT_FAILED" });
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain(key.slice(40, 80));
  });

  test("refuses an agent that is none before any I/O", async () => {
    await expect(visit(await serve(), { agent: {} })).rejects.toBeInstanceOf(TypeError);
  });

  test("is under the deadline and the abort of the handshake, while the server says nothing", async () => {
    const silent = createServer((socket) => socket.on("error", () => undefined).resume());
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const dial = (options: Partial<NodeDialOptions>) =>
      nodeDial(`wss://127.0.0.1:${port}/`, () => expect.fail("nothing to accept"), {
        protocols: ["a"],
        ...options,
      });
    const gone = () => once(silent, "connection").then(([socket]) => once(socket, "close"));

    const first = gone();
    await expect(dial({ handshakeTimeoutMs: 100 })).rejects.toMatchObject({ code: "HANDSHAKE_TIMEOUT" });
    await first;

    const control = new AbortController();
    const second = gone();
    silent.once("connection", () => control.abort("enough"));
    await expect(dial({ signal: control.signal })).rejects.toBe("enough");
    await second;
    silent.close();
  });
});
