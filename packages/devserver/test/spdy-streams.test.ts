import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { dictionary } from "../src/spdy/dictionary.ts";
import { type Backends, startBackends } from "./port-backends.ts";
import { shell } from "./requests.ts";
import { serve } from "./serve.ts";
import { createSpdyClient, type SpdyClient } from "./spdy-client.ts";
import { spdySuite } from "./spdy-suite.ts";
import { devServerUpgrade, spdyHeaders } from "./upgraded.ts";

let backends: Backends;

const served = serve("spdy", {}, async ({ requests }) => {
  backends = await startBackends();
  await requests.run("web", shell("sleep 1000"));
});

afterAll(async () => {
  backends.close();
});

test("the dictionary is that of SPDY/3", () => {
  expect([dictionary.byteLength, createHash("sha256").update(dictionary).digest("hex")]).toEqual([
    1423,
    "51d27341373f923f3cd88e1eb7162aeaa3723d7585ff2399201dc06498407f02",
  ]);
});

describe("attach over SPDY", () => {
  const echo = shell('while IFS= read -r line; do echo "[$line]"; done; echo "end of input"; exit 3');
  const success = '{"status":"Success"}';

  async function attach(pod: string, types: readonly string[]): Promise<SpdyClient> {
    const query = types.map((type) => `${type}=true`).join("&");
    const upgrade = devServerUpgrade(() => served.server, pod);
    const { socket, head } = await upgrade(`attach?${query}`, spdyHeaders("v4.channel.k8s.io"), "POST");
    const client = createSpdyClient(socket, head);
    for (const streamtype of ["error", ...types]) await client.open({ streamtype });
    return client;
  }

  test("C54: the end of its input is a detach, and the container runs on", async () => {
    await served.requests.run("lasting", { ...echo, stdin: true });
    for (const word of ["one", "two"]) {
      const client = await attach("lasting", ["stdin", "stdout"]);
      client.data(3, `${word}\n`);
      await client.until(() => client.text(5) === `[${word}]\n`);
      client.data(3, "", true);
      await client.until(() => client.ended);
      expect(client.text(1)).toBe(success);
    }
    await served.requests.delete("lasting");
  });

  test("C55: with stdinOnce it is the container's, and the output comes to its end", async () => {
    await served.requests.run("once", { ...echo, stdin: true, stdinOnce: true });
    const client = await attach("once", ["stdin", "stdout", "stderr"]);
    client.data(3, "one\n", true);
    await client.until(() => client.ended);
    expect([client.text(5), client.text(1)]).toEqual(["[one]\nend of input\n", success]);
  });

  test("without stdin it listens, as over v5 and unlike v4 over WebSocket", async () => {
    await served.requests.run("heard", { ...echo, stdin: true });
    const listener = await attach("heard", ["stdout"]);
    const speaker = await attach("heard", ["stdin"]);
    speaker.data(3, "hi\n");
    await listener.until(() => listener.text(3) === "[hi]\n");
    await served.requests.delete("heard");
    await listener.until(() => listener.ended);
    expect(listener.text(1)).toBe(success);
  });
});

describe("a client that does not open the streams that are needed", () => {
  const open = async (target: string, protocol: string): Promise<SpdyClient> => {
    const { socket, head } = await devServerUpgrade(() => served.server, "web")(
      target,
      spdyHeaders(protocol),
      "POST",
    );
    return createSpdyClient(socket, head);
  };

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  test("for an exec is left after half a minute", async () => {
    const client = await open("exec?command=true&stdout=true", "v4.channel.k8s.io");
    await client.open({ streamtype: "error" });
    await client.until(() => client.frames.length === 1);
    vi.advanceTimersByTime(29_999);
    expect(client.ended).toBe(false);
    vi.advanceTimersByTime(1);
    await client.until(() => client.ended);
    expect(client.frames.map(({ what }) => what)).toEqual(["syn-reply 1", "reset 1 5", "goaway 1 0"]);
  });

  test("for a connection to a port is told so after half a minute, and may go on", async () => {
    const client = await open("portforward", "portforward.k8s.io");
    await client.open({ streamtype: "error", port: "9", requestid: "0" });
    await client.until(() => client.frames.length === 1);
    vi.advanceTimersByTime(30_000);
    await client.until(() => client.text(1) !== "");
    expect(client.text(1)).toBe("(conn=devserver, request=0) timed out waiting for streams");
    for (const streamtype of ["error", "data"]) {
      await client.open({ streamtype, port: String(backends.ports.echo), requestid: "0" });
    }
    client.data(5, "hi");
    await client.until(() => client.text(5) === "hi");
  });
});

describe("what is no SPDY", () => {
  const dial = async (): Promise<SpdyClient> => {
    const { socket, head } = await devServerUpgrade(() => served.server, "web")(
      "exec?command=cat&stdin=true&stdout=true",
      spdyHeaders("v4.channel.k8s.io"),
      "POST",
    );
    return createSpdyClient(socket, head);
  };

  test("a header block that is empty ends the connection, which was the end of the host program once", async () => {
    const client = await dial();
    client.send("80030001 0000000a 00000001 00000000 0000");
    await client.until(() => client.ended);
    expect((await served.requests.get("web")).status.phase).toBe("Running");
  });

  test("data behind the end of its stream is for nobody, and does not stop the others", async () => {
    const client = await dial();
    for (const streamtype of ["error", "stdin", "stdout"]) await client.open({ streamtype });
    client.send("00000003 01000001 61 00000003 00000001 62");
    await client.until(() => client.ended);
    expect([client.text(5), client.text(1)]).toEqual(["a", '{"status":"Success"}']);
  });
});

spdySuite({ upgrade: () => devServerUpgrade(() => served.server, "web"), ports: () => backends.ports });
