import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { nodeDial } from "@podwire/transport/node";
import { expect, test } from "vitest";

test("a refusal is whole that comes while the program is busy for longer than one is waited for", async () => {
  const words = "x".repeat(60_000);
  const server = createServer();
  server.on("upgrade", (_request, socket) => {
    socket.on("error", () => undefined);
    socket.write(`HTTP/1.1 500 Internal Server Error\r\nContent-Length: ${words.length}\r\n\r\n`);
    // Behind an immediate the loop begins anew, with its timers, of which that of the client is late by then.
    setTimeout(setImmediate, 50, () => {
      socket.end(words);
      execFileSync("sleep", ["2.2"]);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const refused = nodeDial(`ws://127.0.0.1:${port}/`, () => expect.fail("nothing to accept"), {
    protocols: ["v5.channel.k8s.io"],
  });
  await expect(refused).rejects.toMatchObject({
    code: "HANDSHAKE_REFUSED",
    response: { status: 500, body: words },
  });
  server.close();
});
