import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { Api, type ClientConfig, ClientError, createClient, Pod } from "@podwire/client";
import { TransportError } from "@podwire/transport";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KubeconfigError, loadKubeconfig } from "../src/index.ts";
import { type ApiServer, createApiServer, fixture, fixturePath } from "./api-server.ts";

const token = "s3cret-token";
const base64 = (text: string) => Buffer.from(text).toString("base64");
const certificateFiles = {
  "client-certificate": fixturePath("client.crt"),
  "client-key": fixturePath("client.key"),
};

let server: ApiServer;
let folder: string;
let config: ClientConfig | undefined;

beforeEach(async () => {
  server = await createApiServer();
  folder = await mkdtemp(join(tmpdir(), "podwire-kubeconfig-"));
});

afterEach(async () => {
  await config?.close?.();
  config = undefined;
  await server.close();
  await rm(folder, { recursive: true });
});

/** Writes a kubeconfig with one context and loads it. */
async function load(cluster: object, user: object = {}, namespace?: string): Promise<ClientConfig> {
  const path = join(folder, "config");
  const kubeconfig = {
    "current-context": "test",
    contexts: [{ name: "test", context: { cluster: "test", user: "test", namespace } }],
    clusters: [{ name: "test", cluster: { server: server.url, ...cluster } }],
    users: [{ name: "test", user }],
  };
  await writeFile(path, JSON.stringify(kubeconfig));
  config = await loadKubeconfig({ path });
  return config;
}

async function listPods(loaded: ClientConfig): Promise<number> {
  const client = createClient(loaded);
  return (await new Api(Pod, { client, namespace: client.namespace }).list()).items.length;
}

async function openWebSocket(loaded: ClientConfig): Promise<void> {
  if (loaded.dial === undefined) throw new Error("there is no dial");
  const url = `${String(loaded.server).replace("http", "ws")}/socket`;
  const ended = new Promise<void>((resolve) => {
    void loaded.dial?.(
      url,
      (connection) => {
        queueMicrotask(() => connection.terminate());
        return { message() {}, close: () => resolve() };
      },
      { protocols: ["v5.channel.k8s.io"] },
    );
  });
  await ended;
}

describe("the connection of a kubeconfig", () => {
  const inline = {
    "client-certificate-data": base64(fixture("client.crt")),
    "client-key-data": base64(fixture("client.key")),
  };

  it.each([
    ["files", { "certificate-authority": fixturePath("ca.crt") }, certificateFiles],
    ["inline data", { "certificate-authority-data": base64(fixture("ca.crt")) }, inline],
  ])("presents the client certificate of %s to REST and WebSocket alike", async (_, cluster, user) => {
    const loaded = await load(cluster, user, "work");
    expect(await listPods(loaded)).toBe(0);
    await openWebSocket(loaded);
    expect(server.seen).toMatchObject([
      { url: "/api/v1/namespaces/work/pods", caller: "tester" },
      { url: "/socket", caller: "tester" },
    ]);
  });

  it("finds relative paths in the kubeconfig's own folder", async () => {
    await mkdir(join(folder, "pki"));
    for (const name of ["ca.crt", "client.crt", "client.key"]) {
      await writeFile(join(folder, "pki", name), fixture(name));
    }
    const loaded = await load(
      { "certificate-authority": "pki/ca.crt" },
      { "client-certificate": "./pki/client.crt", "client-key": "pki/client.key" },
    );
    await listPods(loaded);
    expect(server.seen[0]?.caller).toBe("tester");
  });

  it("sends the token and the headers of impersonation", async () => {
    const loaded = await load(
      { "certificate-authority": fixturePath("ca.crt") },
      { token, as: "Zoë", "as-groups": ["dev"] },
    );
    await listPods(loaded);
    const headers = server.seen[0]?.headers;
    expect(headers?.["authorization"]).toBe(`Bearer ${token}`);
    expect(Buffer.from(String(headers?.["impersonate-user"]), "latin1").toString("utf8")).toBe("Zoë");
    expect(headers?.["impersonate-group"]).toBe("dev");
    expect(server.seen[0]?.caller).toBeUndefined();
  });

  it("trusts nobody but the certificate authority", async () => {
    const loaded = await load({});
    await expect(listPods(loaded)).rejects.toThrow(ClientError);
    await expect(
      loaded.dial?.(server.url, () => ({ message() {}, close() {} }), { protocols: ["v5.channel.k8s.io"] }),
    ).rejects.toThrow(TransportError);
    expect(server.seen).toEqual([]);
  });

  it("trusts anybody with insecure-skip-tls-verify", async () => {
    const loaded = await load({ "insecure-skip-tls-verify": true });
    await listPods(loaded);
    await openWebSocket(loaded);
    expect(server.seen).toHaveLength(2);
  });

  it("asks for and checks the tls-server-name", async () => {
    await server.close();
    server = await createApiServer("named");
    const authority = { "certificate-authority": fixturePath("ca.crt") };
    const loaded = await load({ ...authority, "tls-server-name": "named.example" });
    await listPods(loaded);
    await openWebSocket(loaded);
    expect(server.seen.map((one) => one.servername)).toEqual(["named.example", "named.example"]);
    await loaded.close?.();
    await expect(listPods(await load(authority))).rejects.toThrow(/altnames|alternative|IP/i);
  });

  it("keeps connections alive between requests", async () => {
    const loaded = await load({ "certificate-authority": fixturePath("ca.crt") });
    for (let request = 0; request < 5; request++) await listPods(loaded);
    expect(server.seen).toHaveLength(5);
    // A body can be read whole a moment before its connection is free again, so that the pool opens a second.
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  it("follows no redirect", async () => {
    const loaded = await load({ "certificate-authority": fixturePath("ca.crt") });
    const init = { method: "GET", headers: {}, redirect: "manual" } as const;
    const { status } = (await loaded.fetch?.(`${server.url}/moved`, init)) ?? {};
    expect(status).toBeGreaterThanOrEqual(300);
    expect(status).toBeLessThan(400);
    expect(server.seen.map((one) => one.url)).toEqual(["/moved"]);
  });

  it("closes the pool, an open watch included", async () => {
    const loaded = await load({ "certificate-authority": fixturePath("ca.crt") });
    const init = { method: "GET", headers: {}, redirect: "manual" } as const;
    const response = await loaded.fetch?.(`${server.url}/watch`, init);
    const reader = response?.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("first\n");
    const pending = reader?.read();
    await Promise.all([expect(pending).rejects.toThrow(), createClient(loaded).close()]);
    await expect.poll(() => server.openConnections(), { timeout: 10_000 }).toBe(0);
    await expect(loaded.fetch?.(`${server.url}/again`, init)).rejects.toThrow(TypeError);
  });

  it("shows no token and no key in inspect, JSON or the client", async () => {
    const loaded = await load(
      { "certificate-authority": fixturePath("ca.crt") },
      { ...certificateFiles, token },
    );
    const client = createClient(loaded);
    const shown = [loaded, client].map(
      (one) => inspect(one, { showHidden: true, depth: 10 }) + JSON.stringify(one),
    );
    const keyLine = fixture("client.key").split("\n")[1] ?? "";
    expect(keyLine.length).toBeGreaterThan(40);
    for (const text of shown) {
      expect(text).toContain(server.url);
      expect(text).not.toContain(token);
      expect(text).not.toContain(keyLine);
      expect(text).not.toContain("PRIVATE");
    }
  });

  const noAuthority = "-----BEGIN CERTIFICATE-----\ns3cret\n-----END CERTIFICATE-----\n";
  const refusals: readonly [string, object, object, string][] = [
    [
      "an authority that is no PEM",
      { "certificate-authority-data": base64("s3cret") },
      {},
      "has no PEM certificate",
    ],
    [
      "an authority that cannot be decoded",
      { "certificate-authority-data": base64(fixture("ca.crt") + noAuthority) },
      {},
      "certificate 2 of the certificate authority cannot be decoded",
    ],
    [
      "a key that is no PEM",
      {},
      { ...certificateFiles, "client-key-data": base64("s3cret") },
      "the client key cannot be decoded",
    ],
    [
      "an encrypted key",
      {},
      { ...certificateFiles, "client-key": fixturePath("encrypted.key") },
      "the client key is encrypted, and a kubeconfig has no passphrase",
    ],
    [
      "the key of another certificate",
      {},
      { ...certificateFiles, "client-key": fixturePath("other.key") },
      "the client key does not belong to the client certificate",
    ],
  ];

  it.each(refusals)("refuses %s", async (_, cluster, user, message) => {
    const error: unknown = await load(cluster, user).catch((reason: unknown) => reason);
    if (!(error instanceof KubeconfigError)) throw error;
    expect(error.code).toBe("BAD_CERTIFICATE");
    expect(error.message).toContain(message);
    expect(inspect(error, { showHidden: true, depth: 10 })).not.toContain("s3cret");
  });

  it("names the file that is missing", async () => {
    await expect(load({ "certificate-authority": "none.crt" })).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
      message: `the certificate authority ${join(folder, "none.crt")} does not exist`,
    });
  });
});
