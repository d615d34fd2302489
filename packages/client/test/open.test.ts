import { describe, expect, test } from "vitest";
import { Api, createClient, Pod, type StreamOptions, type StreamSession } from "../src/index.ts";
import { refusedUpgrade, servePod } from "./pod-server.ts";

// What opening attach and exec asks for: which Pod, which container, which subprotocol.

const v5 = "v5.channel.k8s.io";
const v4 = "v4.channel.k8s.io";

describe("the request of a session", () => {
  test("of exec repeats the command's words, and leaves out what is false", async () => {
    await using peer = await servePod();
    const command = ["sh", "-c", "echo 'a b' \"$HOME\" ü & +%20", ""];
    const session = await peer.pods.exec.stream("p", { command, stderr: false, namespace: "ns" });
    await session.close();
    expect(peer.upgrades()).toEqual([
      {
        path: "/api/v1/namespaces/ns/pods/p/exec",
        query: [["container", "main"], ...command.map((word) => ["command", word]), ["stdout", "true"]],
        offered: v4,
      },
    ]);
  });

  test.each<[string, object, StreamOptions, string[], Partial<StreamSession>]>([
    [
      "asks for output alone by default",
      {},
      {},
      ["stdout", "stderr"],
      { protocol: v4, tty: false, warnings: [] },
    ],
    [
      "asks for stdin too where it is wanted",
      { stdin: true },
      { stdin: true },
      ["stdin", "stdout", "stderr"],
      { protocol: v5 },
    ],
    [
      "follows the container's terminal and then asks for no stderr",
      { stdin: true, tty: true },
      { stdin: true },
      ["stdin", "stdout", "tty"],
      { protocol: v5, tty: true },
    ],
    [
      "asks for no terminal that is not there, and says so",
      {},
      { tty: true },
      ["stdout"],
      { tty: false, warnings: ["container main has no terminal"] },
    ],
    [
      "asks for no stdin that is not there, and says so",
      {},
      { stdin: true },
      ["stdout", "stderr"],
      { warnings: ["container main was created without stdin: true, so what is written is discarded"] },
    ],
  ])("of attach %s", async (_rule, container, options, flags, members) => {
    await using peer = await servePod({ container });
    const session = await peer.pods.attach.stream("p", options);
    expect(session).toMatchObject({ container: "main", ...members });
    await session.close();
    expect(peer.upgrades()[0]?.query).toEqual([
      ["container", "main"],
      ...flags.map((flag) => [flag, "true"]),
    ]);
  });

  test("keeps a named container and one that was not read", async () => {
    await using peer = await servePod();
    for (const options of [{}, { container: "side" }]) {
      const session = await peer.pods.attach.stream("p", { readPod: false, ...options });
      await session.close();
    }
    expect(peer.upgrades().map(({ query }) => query.filter(([name]) => name === "container"))).toEqual([
      [],
      [["container", "side"]],
    ]);
    expect(peer.server.exchanges).toHaveLength(2);
  });

  test("carries the token as a header", async () => {
    await using peer = await servePod();
    const client = createClient({ server: peer.server.url, token: "secret" });
    const session = await new Api(Pod, { client }).attach.stream("p");
    await session.close();
    expect(peer.server.exchanges.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer secret",
      "Bearer secret",
    ]);
  });
});

describe("v4, where a runtime takes no stdin for its end", () => {
  const query = ["container", "stdin", "stdout", "stderr"];

  test("is offered only with stdin when the container has one: without, its stdin would be closed for good", async () => {
    await using peer = await servePod({ protocols: [v4], container: { stdin: true, stdinOnce: true } });
    const session = await peer.pods.attach.stream("p");
    expect(session.protocol).toBe(v4);
    await expect(session.stdin.write("x")).rejects.toThrow(TypeError);
    await session.close();
    expect(peer.upgrades().map(({ offered, query }) => [offered, query.map(([name]) => name)])).toEqual([
      [v5, ["container", "stdout", "stderr"]],
      [v4, query],
    ]);
  });

  test("alone is dialled once", async () => {
    await using peer = await servePod({ protocols: [v4], container: { stdin: true } });
    const session = await peer.pods.attach.stream("p", { protocols: [v4] });
    await session.close();
    expect(peer.upgrades().map(({ query }) => query.map(([name]) => name))).toEqual([query]);
  });

  test("is offered alone where nothing can be cut, and v5 to a server that refuses it", async () => {
    await using peer = await servePod({ protocols: [v5] });
    const session = await peer.pods.attach.stream("p");
    expect(session.protocol).toBe(v5);
    await session.close();
    expect(peer.upgrades().map(({ offered }) => offered)).toEqual([v4, v5]);
  });

  test("is dialled once where there is nobody to connect to", async () => {
    let dialled = 0;
    await using peer = await servePod({
      upgrade(_, socket) {
        dialled += 1;
        socket.destroy();
      },
    });
    await expect(peer.pods.attach.stream("p")).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
    expect(dialled).toBe(1);
  });

  test("with halfClose, ends the connection where stdin is to end", async () => {
    const received: string[] = [];
    await using peer = await servePod({
      protocols: [v4],
      container: { stdin: true },
      socket: (socket) => socket.on("message", (data) => received.push(data.toString("hex"))),
    });
    const session = await peer.pods.attach.stream("p", { stdin: true, halfClose: "disconnect" });
    await session.stdin.write("hi");
    await session.closeStdin();
    expect(await session.exited).toMatchObject({ kind: "detached" });
    expect(received.filter((message) => message !== "00")).toEqual(["006869"]);
  });

  test("gives a terminal's exec stdin, whose output it would cut", async () => {
    await using peer = await servePod({ protocols: [v4] });
    const session = await peer.pods.exec.stream("p", { command: ["top"], tty: true });
    await session.close();
    expect(peer.upgrades().map(({ query }) => query.some(([name]) => name === "stdin"))).toEqual([
      false,
      true,
    ]);
  });

  test("is not tried after any other refusal", async () => {
    await using peer = await servePod({
      container: { stdin: true },
      upgrade: (_, socket) => socket.end(refusedUpgrade(401, "no")),
    });
    await expect(peer.pods.attach.stream("p")).rejects.toMatchObject({ code: "UNAUTHORIZED" });
    expect(peer.upgrades()).toHaveLength(1);
  });
});
