import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Duplex } from "node:stream";
import type { Certificates } from "./certificates.ts";
import type { Limits } from "./limits.ts";

/** The longest request line and headers together that Go takes by default: the command of an exec is in its URL. */
const longestHeadBytes = 1_048_576 + 4_096;
/** How long an API server keeps a connection on which nothing is asked. */
const keepAliveMs = 90_000;
/** How often connections are looked at that are slow. */
const slowestLookMs = 1_000;
/** A client that still sends has this long to read why it is refused; so in Go. */
const lastWordsMs = 500;

/** The HTTP server, with https where there are certificates; refuses what is no request as Go does. */
export function createHttpServer(
  certificates: Certificates | undefined,
  { connections, headMs, requestMs }: Limits,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const options = {
    maxHeaderSize: longestHeadBytes,
    keepAliveTimeout: keepAliveMs,
    headersTimeout: Math.min(headMs, requestMs),
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.max(1, Math.min(slowestLookMs, headMs, requestMs)),
  };
  const server = certificates
    ? createTlsServer({
        ...options,
        cert: certificates.cert,
        key: certificates.key,
        ALPNProtocols: ["http/1.1"],
      })
    : createServer(options);
  server.maxConnections = connections;
  // Their size is limited; beyond a number of them Node would drop some without a word.
  server.maxHeadersCount = 0;
  const current = new WeakMap<Duplex, ServerResponse>();
  const refused = new WeakSet<Duplex>();
  server.on("request", (request, response) => {
    current.set(request.socket, response);
    answer(request, response);
  });
  server.on("clientError", (error, socket) => {
    if (refused.has(socket)) return;
    refused.add(socket);
    const reason = reasonOf(error);
    // Nothing may come into the middle of an answer.
    const answering = current.get(socket);
    const isFree = !answering?.headersSent || answering.writableFinished;
    if (!reason || !socket.writable || !isFree) {
      socket.destroy();
      return;
    }
    const lines = [`HTTP/1.1 ${reason}`, "Content-Type: text/plain; charset=utf-8", "Connection: close"];
    socket.end(`${lines.join("\r\n")}\r\n\r\n${reason}`);
    const timer = setTimeout(() => socket.destroy(), lastWordsMs);
    socket.once("close", () => clearTimeout(timer));
  });
  return server;
}

/** Undefined where Go ends the connection without a word. */
function reasonOf(error: NodeJS.ErrnoException): string | undefined {
  const { code = "" } = error;
  if (code === "HPE_HEADER_OVERFLOW") return "431 Request Header Fields Too Large";
  if (code === "HPE_INVALID_HEADER_TOKEN") return "400 Bad Request: invalid header name";
  return code.startsWith("HPE_") && code !== "HPE_INVALID_EOF_STATE" ? "400 Bad Request" : undefined;
}

/** Answers with the port. */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}
