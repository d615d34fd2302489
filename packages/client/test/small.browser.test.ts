import { dial } from "@podwire/transport";
import { inject } from "vitest";
import { dialWithoutStreams } from "../../transport/test/without-streams.ts";
import type { ClientConfig } from "../src/index.ts";
import { smallSuite } from "./small-suite.ts";

/** An API server that lets this page in. */
async function ownServer(): Promise<ClientConfig> {
  const answer = await fetch(inject("pageServersUrl"));
  return answer.json();
}

for (const [name, pageDial] of [
  ["WebSocketStream", dial],
  ["WebSocket", dialWithoutStreams],
] as const) {
  const configOf = async () => ({ ...(await ownServer()), dial: pageDial });
  smallSuite(`attach and exec in few bytes, through the ${name} of a page`, configOf, "busybox:1.36");
}
