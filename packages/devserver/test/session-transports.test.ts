import { sessionSuite } from "@podwire/tools-conformance/session-suite";
import { type Dial, dialWith } from "@podwire/transport";
import { dial as isomorphicDial } from "@podwire/transport/isomorphic";
import { WebSocket } from "ws";
import { serve } from "./serve.ts";

const served = serve("session");

// What a page has of a WebSocket: no headers, no back-pressure, no pings, and no word on a refusal.
const dials: Readonly<Record<string, Dial>> = {
  "dialWith(ws)": dialWith(WebSocket),
  "isomorphic-ws": isomorphicDial,
};

for (const [name, dial] of Object.entries(dials)) {
  sessionSuite(`devserver over v5 through ${name}`, {
    config: async () => ({ ...served.server.config, dial }),
    stranger: async (token) => ({ ...served.server.config, token, dial }),
    image: "busybox:1.36",
    protocols: ["v5.channel.k8s.io"],
    terminals: true,
    refusals: false,
  });
}
