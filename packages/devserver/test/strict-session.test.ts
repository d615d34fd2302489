import { createDevServer, type DevServer } from "@podwire/devserver";
import { sessionSuite } from "@podwire/tools-conformance/session-suite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

describe.each(["v5.channel.k8s.io", "v4.channel.k8s.io", "v4.base64.channel.k8s.io"])("%s", (protocol) => {
  let server: DevServer;

  beforeAll(async () => {
    server = await createDevServer({ strict: true });
  });

  afterAll(() => server.close());

  sessionSuite("a strict devserver", {
    config: async () => server.config,
    stranger: async (token: string) => ({ ...server.config, token }),
    image: "busybox:1.36",
    terminals: true,
    protocols: [protocol],
  });

  // Behind the suite, whose sessions it is about.
  test("has found nothing against the protocol in what the client did", () => {
    expect(server.violations.map(({ rule, request }) => [rule, request.path, String(request.query)])).toEqual(
      [],
    );
  });
});
