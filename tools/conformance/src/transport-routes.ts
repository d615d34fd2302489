import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import { offeredBy, upgradeAnswer } from "./raw-upgrade.ts";
import type { TransportReport } from "./transport-report.ts";

/** One upgrade request and the ways to answer it. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly query: URLSearchParams;
  readonly report: TransportReport;
  /** Finishes the handshake with the first subprotocol offered. */
  accept(): WebSocket;
  /** Runs when the test asks for it: `GET /release?id=…`. */
  onRelease(listener: () => void): void;
}

const pieceBytes = 64 * 1024;
const aheadBytes = 1024 * 1024;

/** What the fixture server does with an upgrade, by path. */
export const routes: Readonly<Record<string, (upgrade: Upgrade) => void>> = {
  "/echo": ({ accept }) => {
    const peer = accept();
    peer.on("message", (data, isBinary) => peer.send(data, { binary: isBinary }));
  },

  // A ping, "hello", 01 02 03 and an empty text, in one packet with the 101.
  "/same-packet": ({ request, socket }) => {
    const frames = Buffer.from("89008105" + "68656c6c6f" + "8203010203" + "8100", "hex");
    socket.write(Buffer.concat([upgradeAnswer(request), frames]));
  },

  // "frag" "ment" "ed" as three frames with a ping in between.
  "/fragments": ({ request, socket }) => {
    const frames = Buffer.from("010466726167" + "8900" + "00046d656e74" + "80026564", "hex");
    socket.write(Buffer.concat([upgradeAnswer(request), frames]));
  },

  "/refuse": ({ request, socket, query }) => {
    const { authorization = "" } = request.headers;
    const body = JSON.stringify({
      kind: "Status",
      message: `no: ${authorization} ${request.headers["sec-websocket-protocol"]}`,
    });
    const length = Number(query.get("bytes") ?? body.length);
    const text = body.padEnd(length, " ");
    const announced = query.has("stall") ? length + 1 : length;
    const head = [
      `HTTP/1.1 ${query.get("status")} Refused`,
      "Content-Type: application/json",
      `Content-Length: ${announced}`,
      // Some clients would ask again on this connection, where nobody reads requests any more.
      "Connection: close",
      "Set-Cookie: session=cookie-secret",
      `Location: /elsewhere${new URL(request.url ?? "", "http://x").search}`,
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\n${text}`);
  },

  "/no-protocol": ({ request, socket }) => {
    socket.write(upgradeAnswer(request, { "Sec-WebSocket-Protocol": undefined }));
  },
  "/unoffered": ({ request, socket }) => {
    socket.write(upgradeAnswer(request, { "Sec-WebSocket-Protocol": "unoffered.example" }));
  },
  // Chooses the last name offered: where a credential is.
  "/choose-last": ({ request, socket }) => {
    socket.write(upgradeAnswer(request, { "Sec-WebSocket-Protocol": offeredBy(request).at(-1) }));
  },
  "/wrong-accept": ({ request, socket }) => {
    socket.write(upgradeAnswer(request, { "Sec-WebSocket-Accept": "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" }));
  },
  // An extension that was not offered.
  "/extension": ({ request, socket }) => {
    socket.write(upgradeAnswer(request, { "Sec-WebSocket-Extensions": "x-unknown" }));
  },
  "/not-http": ({ request, socket }) => {
    socket.write(`SSH-2.0-x ${request.headers.authorization}\r\n`);
  },
  "/hang-up": ({ socket }) => {
    socket.destroy();
  },
  "/silent": () => undefined,

  "/close": ({ accept, query }) => {
    const code = query.get("code");
    if (code === null) accept().close();
    else accept().close(Number(code), query.get("reason") ?? "");
  },
  // One text, then the end of TCP without a Close.
  "/abrupt": ({ request, socket }) => {
    socket.end(Buffer.concat([upgradeAnswer(request), Buffer.from("8104" + "6c617374", "hex")]));
  },
  // The end of TCP as a RST, when released.
  "/reset": ({ request, socket, onRelease }) => {
    socket.write(upgradeAnswer(request));
    onRelease(() => {
      if (socket instanceof Socket) socket.resetAndDestroy();
    });
  },
  // A reserved bit: against RFC 6455 5.2.
  "/broken-frame": ({ request, socket }) => {
    socket.write(Buffer.concat([upgradeAnswer(request), Buffer.from("f100", "hex")]));
  },
  // A Close with 4001, after which TCP stays open.
  "/close-and-stay": ({ request, socket }) => {
    socket.write(Buffer.concat([upgradeAnswer(request), Buffer.from("8802" + "0fa1", "hex")]));
    socket.removeAllListeners("end");
  },
  "/accept-then-silent": ({ request, socket }) => {
    socket.write(upgradeAnswer(request));
  },

  // Messages of 64 KiB that begin with their number (32 bits, big endian), then Close 1000.
  "/flood": ({ accept, query, report }) => {
    const bytes = Number(query.get("bytes"));
    const peer = accept();
    let sent = 0;
    const push = () => {
      report.pushedBytes = sent - peer.bufferedAmount;
      while (peer.readyState === WebSocket.OPEN && sent < bytes && peer.bufferedAmount < aheadBytes) {
        const piece = Buffer.alloc(Math.min(pieceBytes, bytes - sent));
        piece.writeUInt32BE(sent / pieceBytes);
        sent += piece.byteLength;
        peer.send(piece, push);
      }
      if (sent >= bytes) peer.close(1000);
    };
    push();
  },
  // A hundred short messages in one packet.
  "/burst": ({ accept, socket }) => {
    const peer = accept();
    socket.cork();
    for (let index = 0; index < 100; index += 1) peer.send(String(index));
    socket.uncork();
  },
  "/big": ({ accept, query }) => {
    const peer = accept();
    const payload = randomBytes(Number(query.get("bytes")));
    peer.send(query.has("text") ? payload.toString("hex") : payload, { binary: !query.has("text") });
  },
  // Closes as soon as it has so many bytes.
  "/take": ({ accept, query }) => {
    const peer = accept();
    let missing = Number(query.get("bytes"));
    peer.on("message", (data: Buffer) => {
      missing -= data.byteLength;
      if (missing <= 0) peer.close(1000);
    });
  },
  // Reads nothing until released.
  "/slow": ({ accept, onRelease }) => {
    const peer = accept();
    peer.pause();
    onRelease(() => peer.resume());
  },
  "/ping": ({ accept }) => {
    accept().ping();
  },
};
