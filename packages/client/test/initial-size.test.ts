import { expect, test } from "vitest";
import type { StreamOptions } from "../src/index.ts";
import { servePod } from "./pod-server.ts";

/** Resize messages: channel 4, JSON and a newline. */
const sizes = {
  "80x24": "047b225769647468223a38302c22486569676874223a32347d0a",
  "81x25": "047b225769647468223a38312c22486569676874223a32357d0a",
  "65534x2": "047b225769647468223a36353533342c22486569676874223a327d0a",
  "65535x1": "047b225769647468223a36353533352c22486569676874223a317d0a",
  "80x24 in base64": "3465794a5861575230614349364f444173496b686c6157646f644349364d6a523943673d3d",
} as const;
const v4Base64 = "v4.base64.channel.k8s.io";

/** The messages of a session up to the first byte of stdin. */
async function firstMessages(
  kind: "attach" | "exec",
  tty: boolean,
  options: StreamOptions,
): Promise<string[]> {
  const received: string[] = [];
  let done = (): void => {};
  const typed = new Promise<void>((resolve) => {
    done = resolve;
  });
  await using peer = await servePod({
    container: { stdin: true, tty },
    protocols: ["v5.channel.k8s.io", "v4.channel.k8s.io", v4Base64],
    socket: (socket) =>
      socket.on("message", (data) => {
        received.push(Buffer.from(data.toString("latin1"), "latin1").toString("hex"));
        if (/^(00|30)./.test(received.at(-1) ?? "")) done();
      }),
  });
  await using session =
    kind === "attach"
      ? await peer.pods.attach.stream("p", { stdin: true, ...options })
      : await peer.pods.exec.stream("p", { command: ["sh"], stdin: true, ...options });
  await session.stdin.write("x");
  await typed;
  return received;
}

test.each<[string, "attach" | "exec", boolean, StreamOptions, string[]]>([
  ["exec", "exec", false, { tty: { width: 80, height: 24 } }, [sizes["80x24"], "0078"]],
  [
    "attach, after another one, so that the process draws its screen again",
    "attach",
    true,
    { tty: { width: 80, height: 24 } },
    [sizes["81x25"], sizes["80x24"], "0078"],
  ],
  [
    "attach at the largest, after a smaller one",
    "attach",
    true,
    { tty: { width: 65_535, height: 1 } },
    [sizes["65534x2"], sizes["65535x1"], "0078"],
  ],
  [
    "exec in base64",
    "exec",
    false,
    { tty: { width: 80, height: 24 }, protocols: [v4Base64] },
    [sizes["80x24 in base64"], "3065413d3d"],
  ],
])("a size is the first message of %s", async (_what, kind, tty, options, messages) => {
  expect(await firstMessages(kind, tty, options)).toEqual(messages);
});

test.each<["attach" | "exec", boolean, StreamOptions]>([
  ["exec", false, { tty: true }],
  ["attach", true, { tty: true }],
  ["attach", true, {}],
  // A size without a terminal swallows the next one, and the one after that freezes stdin.
  ["attach", false, { tty: { width: 80, height: 24 } }],
])("%s (container's terminal: %s) with %j sends none", async (kind, tty, options) => {
  expect(await firstMessages(kind, tty, options)).toEqual(["0078"]);
});
