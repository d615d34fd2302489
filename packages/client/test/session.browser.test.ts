import { sessionSuite } from "@podwire/tools-conformance/session-suite";
import { type Dial, dial } from "@podwire/transport";
import { inject } from "vitest";
import { dialWithoutStreams } from "../../transport/test/without-streams.ts";
import type { ClientConfig } from "../src/index.ts";

const dials: Readonly<Record<string, Dial>> = {
  "the WebSocketStream of a page": dial,
  "the WebSocket of a page": dialWithoutStreams,
};

/** An API server that lets this page in. */
async function ownServer(): Promise<ClientConfig> {
  const answer = await fetch(inject("pageServersUrl"));
  return answer.json();
}

for (const [name, pageDial] of Object.entries(dials)) {
  sessionSuite(`devserver over v5 through ${name}`, {
    config: async () => ({ ...(await ownServer()), dial: pageDial }),
    stranger: async (token) => ({ ...(await ownServer()), token, dial: pageDial }),
    image: "busybox:1.36",
    protocols: ["v5.channel.k8s.io"],
    terminals: true,
    refusals: false,
  });
}
