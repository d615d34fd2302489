import type { SessionFault } from "@podwire/devserver";
import { afterEach, describe, expect, test } from "vitest";
import { startBackends } from "./port-backends.ts";
import { runWeb, serve } from "./serve.ts";
import { v4 } from "./sessions.ts";
import { createSpdyClient, type SpdyClient, describe as show } from "./spdy-client.ts";
import { devServerUpgrade, spdyHeaders } from "./upgraded.ts";

const served = serve("spdy-faults", {}, runWeb);
const upgrade = devServerUpgrade(() => served.server, "web");
const add = (fault: SessionFault) => served.server.faults.add(fault, { pod: "web" });

afterEach(() => served.server.faults.clear());

const hello = "exec?command=printf&command=hello&stdout=true&stderr=true";
const cat = "exec?command=cat&stdin=true&stdout=true";

/** Opens a session with streams 1, 3, 5, … of these types; its bytes are kept in hex besides. */
async function open(target: string, types: readonly string[], protocol = v4) {
  const { socket, head } = await upgrade(target, spdyHeaders(protocol), "POST");
  const chunks = [head];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  const client = createSpdyClient(socket, head);
  for (const streamtype of types) await client.open({ streamtype });
  return { client, socket, hex: () => Buffer.concat(chunks).toString("hex") };
}
const allOf = async (client: SpdyClient): Promise<string[]> => {
  await client.until(() => client.ended);
  return show(client.frames).split("\n").slice(3);
};
const outputs = ["error", "stdout", "stderr"];

/** Data on stream 3, which is stdout: `hello`; the end of 3 and of 5; the reset of 1 and GOAWAY. */
const said = "00000003 00000005 68656c6c6f";
const reset = "80030003 00000008 00000001 00000005";
const goAway = "80030007 00000008 00000005 00000000";
const plain = (hex: string): string => hex.replaceAll(" ", "");

describe("an exec over SPDY", () => {
  test.for([
    ["without a status", { kind: "status", payloads: [] }, ""],
    [
      "with a status that is none",
      { kind: "status", payloads: ["{", "}"] },
      "00000001 00000001 7b 00000001 00000001 7d",
    ],
    ["with an empty status", { kind: "status", payloads: [""] }, ""],
    [
      "with a status in two frames",
      { kind: "status", splitAfterBytes: 1 },
      // `{`, and `"status":"Success"}`
      "00000001 00000001 7b 00000001 00000013 22737461747573223a2253756363657373227d",
    ],
  ] as const)("%s", async ([, fault, status]) => {
    const handle = add(fault);
    const { client, hex } = await open(hello, outputs);
    await client.until(() => client.ended);
    const text = hex();
    expect(text).toContain(plain(said));
    expect(text.endsWith(plain(`${status} ${reset} ${goAway}`))).toBe(true);
    // Nothing else is said on the stream of the status.
    const frames = client.frames.filter(({ what, payload }) => what === "data 1" && payload.byteLength > 0);
    const bytes = frames.map(
      ({ payload }) =>
        `00000001${payload.byteLength.toString(16).padStart(8, "0")}${payload.toString("hex")}`,
    );
    expect(bytes.join("")).toBe(plain(status));
    expect(handle.met).toBe(1);
  });

  test("of a protocol without a Status says another text", async () => {
    add({ kind: "status", payloads: ["oh"] });
    const { client } = await open("exec?command=false&stdout=true", ["error", "stdout"], "v3.channel.k8s.io");
    await client.until(() => client.ended);
    expect(client.text(1)).toBe("oh");
  });

  test("has bytes on stderr that no program wrote, behind its output", async () => {
    add({ kind: "message", channel: 2, payload: "no" });
    const { client, hex } = await open(hello, outputs);
    await client.until(() => client.ended);
    // Data on stream 5, which is stderr.
    expect(hex()).toContain(plain(`${said} 00000005 00000002 6e6f`));
  });

  test("has them ahead of everything, and on a stream of the client's own", async () => {
    add({ kind: "message", channel: 0, payload: Uint8Array.of(0), afterFrames: 0 });
    const { client, hex } = await open(cat, ["error", "stdin", "stdout"]);
    await client.until(() => client.frames.length === 4);
    expect(hex().endsWith(plain("00000003 00000001 00"))).toBe(true);
    client.data(3, "x", true);
    expect(await allOf(client)).toContain("data 5: x");
  });

  test("has none on a stream that the client did not open", async () => {
    add({ kind: "message", channel: 2, payload: "no" });
    const { client } = await open("exec?command=printf&command=hello&stdout=true", ["error", "stdout"]);
    await client.until(() => client.ended);
    expect(show(client.frames)).not.toContain("no");
  });

  test.for([
    [{ kind: "reset-stream", stream: "stdout" }, "80030003 00000008 00000003 00000005"],
    [{ kind: "reset-stream", stream: "stdout", status: 3 }, "80030003 00000008 00000003 00000003"],
  ] as const)("%j resets it as soon as it is opened", async ([fault, frame]) => {
    add(fault);
    const { client, socket, hex } = await open(hello, outputs);
    await client.until(() => client.frames.length === 3);
    expect(hex()).toContain(plain(frame));
    expect(client.frames.map(({ what }) => what)).toEqual([
      "syn-reply 1",
      `reset 3 ${"status" in fault ? fault.status : 5}`,
      "syn-reply 5",
    ]);
    socket.destroy();
  });

  test("says GOAWAY when it has begun, takes no more streams, and goes on", async () => {
    add({ kind: "go-away" });
    const { client, hex } = await open(cat, ["error", "stdin", "stdout"]);
    await client.until(() => client.frames.length === 4);
    expect(hex().endsWith(plain("80030007 00000008 00000005 00000000"))).toBe(true);
    await client.open({ streamtype: "stderr" });
    client.data(3, "x", true);
    const frames = await allOf(client);
    expect(frames).toContain("data 5: x");
    expect(frames.filter((one) => one.startsWith("syn-reply"))).toEqual([]);
  });

  test("says GOAWAY behind its output, for a reason", async () => {
    add({ kind: "go-away", status: 2, afterFrames: 1 });
    const { client, hex } = await open(hello, outputs);
    await client.until(() => client.ended);
    expect(hex()).toContain(plain(`${said} 80030007 00000008 00000005 00000002`));
  });

  test("has several of them together, and those of the wire", async () => {
    add({ kind: "status", payloads: ["{"] });
    add({ kind: "message", channel: 2, payload: "no" });
    add({ kind: "throttle", direction: "out", bytesPerSecond: 100_000 });
    const { client } = await open(hello, outputs);
    await client.until(() => client.ended);
    expect([client.text(3), client.text(5), client.text(1)]).toEqual(["hello", "no", "{"]);
  });
});

describe("a port-forward over SPDY", () => {
  const forward = async () => {
    const { socket, head } = await upgrade("portforward", spdyHeaders("portforward.k8s.io"), "POST");
    return { socket, client: createSpdyClient(socket, head) };
  };

  test("resets the streams of bytes, and answers those of errors", async () => {
    add({ kind: "reset-stream", stream: "data" });
    const { client, socket } = await forward();
    await client.open({ streamtype: "error", port: "9", requestid: "0" });
    await client.open({ streamtype: "data", port: "9", requestid: "0" });
    await client.until(() => client.frames.length === 2);
    expect(show(client.frames)).toBe("syn-reply 1\nreset 3 5");
    socket.destroy();
  });

  test("takes no connection behind GOAWAY, and carries those that there are", async () => {
    const { ports, close } = await startBackends();
    add({ kind: "go-away", afterFrames: 1 });
    const { client, socket } = await forward();
    const pair = async (requestid: string) => {
      for (const streamtype of ["error", "data"])
        await client.open({ streamtype, port: String(ports.echo), requestid });
    };
    await pair("0");
    client.data(3, "one");
    await client.until(() => client.frames.some(({ what }) => what === "goaway 3 0"));
    await pair("1");
    client.data(3, ", two");
    await client.until(() => client.text(3) === "one, two");
    expect(client.frames.map(({ what }) => what)).not.toContain("syn-reply 5");
    socket.destroy();
    close();
  });

  test("knows no status and no messages", async () => {
    const faults = [
      add({ kind: "status", payloads: [] }),
      add({ kind: "message", channel: 2, payload: "no" }),
    ];
    const { socket } = await forward();
    socket.destroy();
    expect(faults.map(({ met }) => met)).toEqual([0, 0]);
  });
});

test("a WebSocket does not meet the faults of SPDY", async () => {
  const fault = add({ kind: "go-away" });
  const { socket } = await upgrade(hello, { "Sec-WebSocket-Protocol": "v5.channel.k8s.io" });
  socket.destroy();
  expect(fault.met).toBe(0);
});

test.for([
  [
    { kind: "reset-stream", stream: "stdlog" },
    /stream must be one of error, stdin, stdout, stderr, resize, data, not "stdlog"/,
  ],
  [{ kind: "reset-stream", stream: "stdin", status: 0 }, /status/],
  [{ kind: "go-away", afterFrames: -1 }, /afterFrames/],
] as const)("%j is no fault", ([fault, message]) => {
  // @ts-expect-error the one of a stream that there is not
  expect(() => served.server.faults.add(fault)).toThrow(message);
});
