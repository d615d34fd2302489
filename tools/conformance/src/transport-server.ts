import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { type WebSocket, WebSocketServer } from "ws";
import { offeredBy } from "./raw-upgrade.ts";
import { emptyReport, type TransportReport } from "./transport-report.ts";
import { routes } from "./transport-routes.ts";

/** The peer of the transport suite: every path behaves, or misbehaves, in one way. */
export interface TransportServer {
  /** `http://127.0.0.1:port`, or https. */
  readonly url: string;
  reportOf(id: string): TransportReport;
  close(): Promise<void>;
}

/** Starts the fixture server on a free port. `GET /report?id=…` says what it saw, to pages too. */
export async function startTransportServer(tls?: ServerOptions): Promise<TransportServer> {
  const reports = new Map<string, TransportReport>();
  const releases = new Map<string, () => void>();
  const sockets = new Set<Duplex>();
  const upgrader = new WebSocketServer({
    noServer: true,
    maxPayload: 0,
    handleProtocols: (_offered, request) => offeredBy(request)[0] ?? false,
  });

  const reportOf = (id: string): TransportReport => {
    const report = reports.get(id) ?? emptyReport();
    reports.set(id, report);
    return report;
  };

  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://x");
    const id = searchParams.get("id") ?? "";
    if (pathname === "/release") releases.get(id)?.();
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(reportOf(id)));
  };

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { pathname, searchParams: query } = new URL(request.url ?? "", "http://x");
    const id = query.get("id") ?? "";
    const report = reportOf(id);
    note(report, request, socket);
    sockets.add(socket);
    socket.on("error", () => undefined);
    // Half open is what a peer that only stopped writing looks like; these fixtures end it.
    socket.on("end", () => socket.end());
    socket.on("close", () => {
      sockets.delete(socket);
      report.ended += 1;
    });
    let accepted: WebSocket | undefined;
    const accept = (): WebSocket => {
      upgrader.handleUpgrade(request, socket, head, (peer) => {
        accepted = peer;
      });
      if (!accepted) throw new Error(`the upgrade for ${pathname} did not finish at once`);
      observe(accepted, report);
      return accepted;
    };
    const onRelease = (listener: () => void) => releases.set(id, listener);
    const route = routes[pathname];
    if (route) route({ request, socket, query, report, accept, onRelease });
    else socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    // Unread, a socket does not notice its end.
    if (!accepted) socket.resume();
  };

  const server = tls ? createTlsServer(tls, answer) : createServer(answer);
  server.on("upgrade", upgrade);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `${tls ? "https" : "http"}://127.0.0.1:${port}`,
    reportOf,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function note(report: TransportReport, request: IncomingMessage, socket: Duplex): void {
  report.requests += 1;
  report.protocols = request.headers["sec-websocket-protocol"] ?? "";
  report.authorization = request.headers.authorization ?? "";
  report.extensions = String(request.headers["sec-websocket-extensions"] ?? "");
  if (!(socket instanceof TLSSocket)) return;
  report.servername = String(socket.servername || "");
  report.alpn = String(socket.alpnProtocol || "");
  report.clientName = String(socket.getPeerCertificate().subject?.CN ?? "");
}

function observe(peer: WebSocket, report: TransportReport): void {
  peer.on("error", () => undefined);
  peer.on("pong", () => {
    report.pongs += 1;
  });
  peer.on("message", (data) => {
    report.receivedBytes += Buffer.isBuffer(data) ? data.byteLength : 0;
  });
  peer.on("close", (code, reason) => {
    report.closeCode = code;
    report.closeReason = reason.toString();
  });
}
