import { once } from "node:events";
import { exchangeSuite } from "@podwire/conformance/exchanges";
import { afterAll, describe, expect, test } from "vitest";
import { runWeb, serve } from "./serve.ts";
import { v4, v5 } from "./sessions.ts";
import { devServerUpgrade } from "./upgraded.ts";

const served = serve("exchange", {}, runWeb);
const upgrade = devServerUpgrade(() => served.server, "web");

for (const pieces of ["steps", "bytes"] as const) {
  const target = async () => ({
    server: served.server.url,
    pod: "web",
    headers: { Authorization: `Bearer ${served.server.config.token}` },
  });
  exchangeSuite(`frames of a client in ${pieces}`, { target, pieces }, { describe, test, after: afterAll });
}

describe.each([v5, v4])("over %s", (protocol) => {
  const openInput = "exec?command=sh&command=-c&command=wc%20-c%3B%20cat&stdin=true&stdout=true";

  test("what comes behind the Close is read and not answered", async () => {
    const { socket, head } = await upgrade(openInput, { "Sec-WebSocket-Protocol": protocol });
    const chunks = [head];
    socket.on("data", (chunk) => chunks.push(chunk));
    // A Close, a ping, and much.
    socket.write(Buffer.from("888000000000898000000000", "hex"));
    socket.write(Buffer.alloc(10_000_000));
    await once(socket, "end");
    expect(Buffer.concat(chunks).toString("hex")).toBe("820101880203e8");
    socket.destroy();
  });
});
