import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { Api, createClient, Pod } from "@podwire/client";
import { createDevServer } from "@podwire/devserver";
import { loadKubeconfig } from "@podwire/kubeconfig";
import { expect, test } from "vitest";
import { serve } from "./serve.ts";

const served = serve("tls", { tls: true, allowedOrigins: [] });

async function statusOf(path: string, hostname: string, headers = {}): Promise<number | undefined> {
  const { port } = new URL(served.server.url);
  const { ca, token } = served.server.config;
  const agent = new Agent({ ...(ca !== undefined && { ca }) });
  const authorization = `Bearer ${token}`;
  const sent = request({ hostname, port, path, agent, headers: { authorization, ...headers } }).end();
  const [answer] = await once(sent, "response");
  answer.resume();
  agent.destroy();
  return answer.statusCode;
}

test("it is https, under both names, for those who trust its own authority", async () => {
  expect(served.server.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  for (const hostname of ["127.0.0.1", "localhost"])
    expect(await statusOf("/api/v1/pods", hostname)).toBe(200);
});

test("others do not trust it", async () => {
  await expect(fetch(`${served.server.url}/version`)).rejects.toMatchObject({
    cause: { code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" },
  });
});

test("its own origin is the one of https", async () => {
  expect(await statusOf("/api/v1/pods", "127.0.0.1", { origin: served.server.url })).toBe(200);
  const plain = served.server.url.replace("https:", "http:");
  expect(await statusOf("/api/v1/pods", "127.0.0.1", { origin: plain })).toBe(403);
});

test("speaks HTTP/1.1, also with those who would rather have another", async () => {
  const socket: TLSSocket = connect({
    host: "127.0.0.1",
    port: Number(new URL(served.server.url).port),
    ca: served.server.config.ca,
    ALPNProtocols: ["h2", "http/1.1"],
  });
  await once(socket, "secureConnect");
  expect(socket.alpnProtocol).toBe("http/1.1");
  socket.destroy();
});

test("its certificates have what strict clients ask for", async () => {
  const authority = new X509Certificate(served.server.config.ca ?? "");
  const socket = connect({
    host: "127.0.0.1",
    port: Number(new URL(served.server.url).port),
    ca: served.server.config.ca,
  });
  await once(socket, "secureConnect");
  const leaf = socket.getPeerX509Certificate();
  socket.destroy();
  expect(leaf?.checkIssued(authority) && leaf.verify(authority.publicKey)).toBe(true);
  expect([authority.ca, leaf?.ca]).toEqual([true, false]);
  expect(leaf?.subjectAltName).toBe("IP Address:127.0.0.1, DNS:localhost, IP Address:0:0:0:0:0:0:0:1");
  const days = (Date.parse(leaf?.validTo ?? "") - Date.parse(leaf?.validFrom ?? "")) / 86_400_000;
  expect(days).toBeLessThan(397);
  for (const { raw } of [authority, leaf ?? authority]) {
    const der = raw.toString("hex");
    // RFC 5280: subjectKeyIdentifier, authorityKeyIdentifier, and keyUsage and basicConstraints as critical.
    for (const extension of ["0603551d0e04", "0603551d2304", "0603551d0f0101ff", "0603551d130101ff"]) {
      expect(der).toContain(extension);
    }
    // A serial number is positive: 17 bytes, the first of them 01.
    expect(der).toMatch(/0211 ?01/);
  }
  // keyCertSign and cRLSign; digitalSignature and keyEncipherment; serverAuth.
  expect(authority.raw.toString("hex")).toContain("0603551d0f0101ff040403020106");
  expect(leaf?.raw.toString("hex")).toContain("0603551d0f0101ff0404030205a0");
  expect(leaf?.raw.toString("hex")).toContain("06082b06010505070301");
});

test("each server has an authority of its own, and one without tls has none", async () => {
  const [other, plain] = await Promise.all([createDevServer({ tls: true }), createDevServer()]);
  expect(other.config.ca).not.toBe(served.server.config.ca);
  expect(plain.config).not.toHaveProperty("ca");
  await Promise.all([other.close(), plain.close()]);
});

test("kubeconfig() is one context with the address, the authority and the token", async () => {
  const plain = await createDevServer({ token: "token" });
  await plain.close();
  expect(JSON.parse(plain.kubeconfig())).toEqual({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "devserver", cluster: { server: plain.url } }],
    users: [{ name: "devserver", user: { token: "token" } }],
    contexts: [
      { name: "devserver", context: { cluster: "devserver", user: "devserver", namespace: "default" } },
    ],
    "current-context": "devserver",
  });
  const { clusters } = JSON.parse(served.server.kubeconfig());
  const data: string = clusters[0].cluster["certificate-authority-data"];
  expect(Buffer.from(data, "base64").toString()).toBe(served.server.config.ca);
});

test("clients that load its kubeconfig make requests and open sessions", async () => {
  const folder = await mkdtemp(join(tmpdir(), "podwire-tls-"));
  const path = join(folder, "config");
  await writeFile(path, served.server.kubeconfig());
  const client = createClient(await loadKubeconfig({ path }));
  const pods = new Api(Pod, { client });
  await pods.create({
    metadata: { name: "web" },
    spec: { containers: [{ name: "main", image: "busybox", command: ["sleep", "1000"] }] },
  });
  const { stdout, exitCode } = await pods.exec.run("web", {
    command: ["sh", "-c", "cat; exit 3"],
    stdin: "over TLS",
  });
  expect([stdout.text(), exitCode]).toEqual(["over TLS", 3]);
  await client.close();
  await rm(folder, { recursive: true });
});
