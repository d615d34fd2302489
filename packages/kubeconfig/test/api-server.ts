import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:https";
import { TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";

/** What one request said of its caller. */
interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  /** Common name of the client certificate that the authority signed. */
  readonly caller: string | undefined;
  readonly servername: string | undefined;
}

export interface ApiServer {
  readonly port: number;
  readonly url: string;
  readonly seen: readonly Seen[];
  /** TCP connections so far. */
  readonly connections: number;
  readonly openConnections: () => Promise<number>;
  close(): Promise<void>;
}

export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
}

export function fixture(name: string): string {
  return readFileSync(fixturePath(name), "utf8");
}

/** An HTTPS server that asks for client certificates; it answers every upgrade with an open WebSocket. */
export async function createApiServer(certificate: "server" | "named" = "server"): Promise<ApiServer> {
  const seen: Seen[] = [];
  let connections = 0;
  const server = createServer(
    {
      ca: fixture("ca.crt"),
      cert: fixture(`${certificate}.crt`),
      key: fixture(`${certificate}.key`),
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => {
      seen.push(look(request));
      if (request.url === "/moved") response.writeHead(302, { location: "/elsewhere" }).end();
      else if (request.url === "/watch") response.writeHead(200).write("first\n");
      else
        response
          .writeHead(200, { "content-type": "application/json" })
          .end('{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[]}');
    },
  );
  server.on("secureConnection", () => {
    connections += 1;
  });
  server.on("upgrade", (request, socket) => {
    seen.push(look(request));
    // RFC 6455 4.2.2
    const accept = createHash("sha1")
      .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\n\r\n`,
    );
    socket.on("error", () => {});
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    port: address.port,
    url: `https://127.0.0.1:${address.port}`,
    seen,
    get connections() {
      return connections;
    },
    openConnections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
      }),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function look(request: IncomingMessage): Seen {
  const { method = "", url = "", headers, socket } = request;
  if (!(socket instanceof TLSSocket)) throw new Error("the request came without TLS");
  const { servername } = socket;
  // Absent without a certificate, where a resumed session counts as authorized all the same.
  const caller = socket.authorized ? socket.getPeerCertificate().subject?.CN : undefined;
  return {
    method,
    url,
    headers,
    caller: typeof caller === "string" ? caller : undefined,
    servername: typeof servername === "string" ? servername : undefined,
  };
}
