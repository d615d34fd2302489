import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createDevServer } from "@podwire/devserver";
import { startTransportServer } from "../../conformance/src/transport-server.ts";
import { explored } from "./explored.ts";
import type { Access } from "./program/report.ts";

/** The servers that the programs talk to, and the page that has one of them in it. */
export interface Site extends AsyncDisposable {
  readonly access: Access;
  readonly pageUrl: string;
}

/** Starts the servers. The folder is for files that programs read; the script is that of the page. */
export async function startSite(folder: string, script: string): Promise<Site> {
  const page = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>');
  });
  page.listen(0, "127.0.0.1");
  await once(page, "listening");
  const pageUrl = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;

  const server = await createDevServer({ images: { explored }, allowedOrigins: [pageUrl] });
  const secure = await createDevServer({ tls: true });
  const kubeconfig = join(folder, "kubeconfig");
  await writeFile(kubeconfig, secure.kubeconfig(), { mode: 0o600 });
  const transport = await startTransportServer();
  const [key, cert, ca] = await Promise.all(["server.key", "server.pem", "ca.pem"].map(fixture));
  const secureTransport = await startTransportServer({ key, cert });
  return {
    access: {
      server: server.config.server,
      token: server.config.token,
      transport: transport.url,
      secureTransport: secureTransport.url,
      ca: ca ?? "",
      kubeconfig,
    },
    pageUrl,
    async [Symbol.asyncDispose]() {
      page.closeAllConnections();
      page.close();
      await Promise.all([server.close(), secure.close(), transport.close(), secureTransport.close()]);
    },
  };
}

function fixture(name: string): Promise<string> {
  return readFile(new URL(`../../conformance/fixtures/${name}`, import.meta.url), "utf8");
}
