import { sessionSuite } from "@podwire/tools-conformance/session-suite";
import { expect, test } from "vitest";
import { serve } from "./serve.ts";

// Strict: our own client is held to the protocol too.
const served = serve("session", { strict: true });

const common = {
  config: async () => served.server.config,
  stranger: async (token: string) => ({ ...served.server.config, token }),
  image: "busybox:1.36",
  terminals: true,
};

sessionSuite("devserver over v5", { ...common, protocols: ["v5.channel.k8s.io", "v4.channel.k8s.io"] });
sessionSuite("devserver over v4", { ...common, protocols: ["v4.channel.k8s.io"] });
sessionSuite("devserver over v4 in base64", { ...common, protocols: ["v4.base64.channel.k8s.io"] });
sessionSuite("devserver over v1 in base64", { ...common, protocols: ["base64.channel.k8s.io"] });
sessionSuite("devserver over v1", { ...common, protocols: ["channel.k8s.io"] });

// Behind the suites, whose sessions it is about.
test("the client has done nothing against the protocol in all of them", () => {
  expect(served.server.sessions.all.length).toBeGreaterThan(200);
  const { violations } = served.server;
  expect(violations.map(({ rule, request }) => [rule, request.path, String(request.query)])).toEqual([]);
});
