import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type CloseInfo, type Connection, nodeDial } from "@podwire/transport/node";
import { afterEach, expect, test } from "vitest";
import { upgradeAnswer } from "../../../tools/conformance/src/raw-upgrade.ts";

const server = createServer();
const sockets = new Set<Duplex>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

test("what a peer said before it reset the connection arrives, also when writing fails first", async () => {
  const upgraded = new Promise<Socket>((resolve) => {
    server.on("upgrade", (request: IncomingMessage, socket: Socket) => {
      sockets.add(socket);
      socket.write(upgradeAnswer(request));
      resolve(socket);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const heard: string[] = [];
  let end = (_info: CloseInfo): void => {};
  const ended = new Promise<CloseInfo>((resolve) => {
    end = resolve;
  });
  let connection: Connection | undefined;
  await nodeDial(
    `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    (opened) => {
      connection = opened;
      // So that nothing but a write can find out about the reset.
      opened.pause();
      return { message: (data) => void heard.push(Buffer.from(data).toString("hex")), close: end };
    },
    { protocols: ["v5.channel.k8s.io"] },
  );
  const peer = await upgraded;
  // Two messages of one byte; then it goes, with our bytes unread.
  await new Promise((resolve) => peer.write(Buffer.from("820101 820102".replace(" ", ""), "hex"), resolve));
  peer.resetAndDestroy();
  await once(peer, "close");
  if (!connection) throw new Error("nothing was opened");
  // Until the reset has come and a write fails, whose bytes stay; in one turn, in which nothing is read.
  for (let writes = 0; connection.bufferedAmount === 0; writes += 1) {
    expect(writes).toBeLessThan(100_000);
    connection.send(new Uint8Array(1));
  }
  expect(heard).toEqual([]);
  connection.resume();
  expect(await ended).toMatchObject({ code: 1006, wasClean: false, error: { code: "CONNECTION_LOST" } });
  expect(heard).toEqual(["01", "02"]);
});
