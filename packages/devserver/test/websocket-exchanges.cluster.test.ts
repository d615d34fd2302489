import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:tls";
import { promisify } from "node:util";
import { Api, createClient, Pod } from "@podwire/client";
import { loadKubeconfig } from "@podwire/kubeconfig";
import { createPods, type TestPods } from "@podwire/tools-conformance/pods";
import { afterAll, beforeAll, describe } from "vitest";
import { testExchanges, type Upgraded } from "./exchanges.ts";

// What devserver is held to, asked of a real cluster.

let pods: TestPods;
let name: string;
let server: URL;
let secrets: { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer };

beforeAll(async () => {
  const client = createClient(await loadKubeconfig());
  pods = createPods(new Api(Pod, { client }), process.env["PODWIRE_IMAGE"] ?? "local/busybox:1");
  name = await pods.run("exec sleep 3600");
  const view = ["config", "view", "--raw", "--minify", "--flatten", "-o", "json"];
  const { stdout } = await promisify(execFile)("kubectl", view);
  const { clusters, users } = JSON.parse(stdout);
  const bytes = (text: string): Buffer => Buffer.from(text, "base64");
  server = new URL(clusters[0].cluster.server);
  secrets = {
    ca: bytes(clusters[0].cluster["certificate-authority-data"]),
    cert: bytes(users[0].user["client-certificate-data"]),
    key: bytes(users[0].user["client-key-data"]),
  };
});

afterAll(() => pods?.deleteAll());

async function upgrade(target: string, protocol: string): Promise<Upgraded> {
  const socket = connect({ host: server.hostname, port: Number(server.port), ...secrets });
  await once(socket, "secureConnect");
  const lines = [
    `GET /api/v1/namespaces/default/pods/${name}/${target} HTTP/1.1`,
    `Host: ${server.host}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Protocol: ${protocol}`,
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  let text = Buffer.alloc(0);
  while (!text.includes("\r\n\r\n")) text = Buffer.concat([text, ...(await once(socket, "data"))]);
  return { socket, head: text.subarray(text.indexOf("\r\n\r\n") + 4) };
}

describe("frames of a client", () => {
  testExchanges(upgrade, "in steps");
});
