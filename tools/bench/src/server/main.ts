import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { download, type Exec, echo, stall, upload } from "./commands.ts";

// The peer of all local rows, in a process of its own: an exec whose command says what it does.
const upgrades = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  handleProtocols: (offered) =>
    ["v5.channel.k8s.io", "v4.channel.k8s.io"].find((protocol) => offered.has(protocol)) ?? false,
});

const server = createServer((_request, response) => response.writeHead(404).end("no page"));
server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
  upgrades.handleUpgrade(request, socket, head, (websocket) => {
    // A client that is killed resets the connection.
    websocket.on("error", () => {});
    const command = new URL(request.url ?? "", "http://host").searchParams.getAll("command");
    run({ websocket, socket }, command).catch((error: unknown) => {
      console.error(error);
      websocket.terminate();
    });
  });
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit());

async function run(exec: Exec, [name, bytes, frameBytes]: readonly string[]): Promise<void> {
  if (name === "download") await download(exec, Number(bytes), Number(frameBytes));
  else if (name === "upload") upload(exec, Number(bytes));
  else if (name === "echo") echo(exec);
  else if (name === "stall") stall(exec);
  else throw new RangeError(`no command is named ${name}`);
}
