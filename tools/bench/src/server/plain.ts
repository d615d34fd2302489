import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { type WebSocket, WebSocketServer } from "ws";
import { pattern } from "../pattern.ts";
import { answerFootprints } from "./footprint.ts";
import { frameBytes } from "./program.ts";

// What devserver is compared with: the same program behind `ws` as anybody would use it.
const upgrades = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  handleProtocols: (offered) => offered.has("v5.channel.k8s.io") && "v5.channel.k8s.io",
});

const server = createServer((_request, response) => response.writeHead(404).end());
server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
  upgrades.handleUpgrade(request, socket, head, (websocket) => {
    websocket.on("error", () => {});
    run(websocket, new URL(request.url ?? "", "http://host").searchParams.getAll("command")).catch(
      (error: unknown) => {
        console.error(error);
        websocket.terminate();
      },
    );
  });
});
answerFootprints();
server.listen(0, "127.0.0.1", () =>
  process.send?.({ port: (server.address() as AddressInfo).port, token: undefined }),
);
process.on("disconnect", () => process.exit());

async function run(websocket: WebSocket, [name, bytes, ms]: readonly string[]): Promise<void> {
  if (name === "download") {
    for (let sent = 0; sent < Number(bytes); sent += frameBytes) {
      const start = sent % pattern.byteLength;
      const message = Buffer.concat([Buffer.of(1), pattern.subarray(start, start + frameBytes)]);
      await new Promise((resolve) => websocket.send(message, resolve));
    }
    endWithSuccess(websocket);
  } else if (name === "upload" || name === "late") {
    let received = 0;
    websocket.on("message", (message: Buffer) => {
      received += message.byteLength - 1;
      if (received !== Number(bytes)) return;
      websocket.send(Buffer.from(`\x01${received}`));
      endWithSuccess(websocket);
    });
    if (name === "late") {
      websocket.pause();
      await delay(Number(ms));
      websocket.resume();
    }
  } else if (name === "echo") {
    websocket.on("message", (message: Buffer) => {
      message[0] = 1;
      websocket.send(message);
    });
  } else throw new RangeError(`no command is named ${name}`);
}

function endWithSuccess(websocket: WebSocket): void {
  websocket.send(Buffer.from(`\x03${JSON.stringify({ metadata: {}, status: "Success" })}`));
  websocket.close(1000);
}
