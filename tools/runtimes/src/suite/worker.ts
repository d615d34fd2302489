import { dial } from "@podwire/transport";
import { transportSuite } from "../../../conformance/src/transport-suite.ts";
import { collected } from "./vitest.ts";

let serverUrl = "";

transportSuite("workerd", dial, {
  capabilities: {
    readBackpressure: false,
    headers: true,
    tls: false,
    handshakeError: "full",
    ping: false,
  },
  serverUrl: () => serverUrl,
});

/** Answers with the names of the tests; runs one for whoever posts its index, and answers with what was wrong. */
export default {
  async fetch(request: Request): Promise<Response> {
    if (request.method === "GET") return Response.json(collected.map(({ name }) => name));
    const { index, server }: { index: number; server: string } = await request.json();
    serverUrl = server;
    try {
      await collected[index]?.run();
      return new Response("");
    } catch (error) {
      return new Response(error instanceof Error ? `${error.message}\n${error.stack}` : String(error));
    }
  },
};
