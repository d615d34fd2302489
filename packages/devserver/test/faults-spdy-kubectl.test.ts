import { createDevServer, type DevServer } from "@podwire/devserver";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createKubectl, type Kubectl, kubectls } from "./kubectl.ts";

// What kubectl makes of SPDY that goes wrong: `echo hi; exit 3`.

describe.each(kubectls)("%s over SPDY", (program) => {
  let server: DevServer;
  let kubectl: Kubectl;

  beforeAll(async () => {
    server = await createDevServer({ tls: true });
    const variables = { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: "false" };
    kubectl = await createKubectl(program, server.kubeconfig(), variables);
    await server.pods.run({ name: "web", image: "busybox", command: ["sleep", "1000"], timeoutMs: 20_000 });
  }, 60_000);

  afterEach(() => server.faults.clear());

  afterAll(async () => {
    await kubectl.remove();
    await server.close();
  });

  const exit = "command terminated with exit code 3\n";
  test.for([
    ["that resets an output", { kind: "reset-stream", stream: "stdout" }, 1, /^error: Stream reset\n$/],
    [
      "that refuses the stream of errors",
      { kind: "reset-stream", stream: "error", status: 3 },
      1,
      /^error: Stream reset\n$/,
    ],
    // So it takes a command for a success of which it never heard.
    ["without a status", { kind: "status", payloads: [] }, 0, /^hi\n$/],
    [
      "with a status that is none",
      { kind: "status", payloads: ["{"] },
      1,
      /^hi\nerror: error stream protocol error: unexpected end of JSON input in "\{"\n$/,
    ],
    ["with a status in two frames", { kind: "status", splitAfterBytes: 5 }, 3, new RegExp(`^hi\n${exit}$`)],
    [
      "with bytes on stderr that no program wrote",
      { kind: "message", channel: 2, payload: "surprise" },
      3,
      new RegExp(`^hi\nsurprise${exit}$`),
    ],
    // It hangs up, with what it has until then, and says nothing of the rest.
    ["that goes away", { kind: "go-away" }, 0, /^(hi\n)?$/],
    ["that goes away behind its output", { kind: "go-away", status: 2, afterFrames: 1 }, 0, /^(hi\n)?$/],
  ] as const)("meets a server %s", { timeout: 60_000 }, async ([, fault, code, text]) => {
    const handle = server.faults.add(fault, { subresource: "exec" });
    const outcome = await kubectl.run(["exec", "web", "--", "sh", "-c", "echo hi; exit 3"]);
    expect(outcome).toEqual({ code, text: expect.stringMatching(text) });
    expect([handle.met, server.sessions.all.at(-1)?.transport ?? "spdy"]).toEqual([1, "spdy"]);
  });
});
