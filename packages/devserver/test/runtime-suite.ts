import { once } from "node:events";
import { connect } from "node:net";
import { handshakes } from "@podwire/tools-vectors";
import { describe, expect, test } from "vitest";
import { frame } from "./sessions.ts";
import { createSpdyClient } from "./spdy-client.ts";

interface Streams {
  readonly stdin?: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  readonly tty?: boolean;
}

/** A runtime to be held to the suite: where its sessions are to be found. */
export interface RuntimeSuiteOptions {
  readonly exec: (command: readonly string[], streams: Streams) => Promise<string>;
  readonly attach: (streams: Streams) => Promise<string>;
  readonly portForward: (ports: readonly number[]) => Promise<string>;
}

const v4 = "v4.channel.k8s.io";
const close = frame(8, new Uint8Array(0));

/** Everything that is answered to a request until the connection ends; `more` follows the 101. */
export async function straight(
  url: string,
  headers: Readonly<Record<string, string | undefined>> = {},
  { method = "GET", more = close }: { readonly method?: string; readonly more?: Uint8Array } = {},
): Promise<{ readonly head: string; readonly body: Buffer }> {
  const { hostname, port, pathname, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  const all = {
    Host: host,
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  socket.write([`${method} ${pathname} HTTP/1.1`, ...lines, "", ""].join("\r\n"));
  let bytes = Buffer.alloc(0);
  let ended = false;
  socket.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    const answered = bytes.includes("\r\n\r\n");
    // A Close, or all of an answer whose length is told.
    const length = /content-length: (\d+)/i.exec(bytes.toString("latin1"))?.[1];
    const whole = length !== undefined && bytes.byteLength >= bytes.indexOf("\r\n\r\n") + 4 + Number(length);
    if (ended || !answered || !(whole || bytes.includes(Buffer.from("880203e8", "hex")))) return;
    ended = true;
    socket.end(whole ? "" : more);
  });
  // A runtime that is gone by then answers the client's last words with a reset, which is an error.
  await new Promise((resolve) => socket.once("close", resolve));
  const end = bytes.indexOf("\r\n\r\n");
  return { head: bytes.toString("latin1", 0, end), body: bytes.subarray(end + 4) };
}

const offer = (protocols: string | undefined) => ({ "Sec-WebSocket-Protocol": protocols });
const firstLine = ({ head }: { readonly head: string }) => head.split("\r\n")[0];

/** What the streaming server of a runtime is when nobody stands in front of it. */
export function runtimeSuite({ exec, attach, portForward }: RuntimeSuiteOptions): void {
  const stdout = { stdout: true };
  const script = (line: string) => exec(["sh", "-c", line], stdout);
  const notFound = "HTTP/1.1 404 Not Found";

  describe("an address", () => {
    test("has a token of eight characters, and nothing of what was asked for", async () => {
      expect(new URL(await script("true")).pathname).toMatch(/^\/exec\/[\w-]{8}$/);
      expect(new URL(await attach(stdout)).pathname).toMatch(/^\/attach\/[\w-]{8}$/);
      expect(new URL(await portForward([])).pathname).toMatch(/^\/portforward\/[\w-]{8}$/);
    });

    test("A16: is good once, also for a handshake that was refused or another verb", async () => {
      const used = await script("true");
      expect(firstLine(await straight(used, offer(v4)))).toBe("HTTP/1.1 101 Switching Protocols");
      const refused = await script("true");
      expect(await straight(refused, offer("v5.channel.k8s.io"))).toEqual({
        head: "HTTP/1.1 403 Forbidden",
        body: Buffer.alloc(0),
      });
      const elsewhere = await script("true");
      expect(firstLine(await straight(elsewhere.replace("/exec/", "/attach/"), offer(v4)))).toBe(notFound);
      for (const url of [used, refused, elsewhere]) {
        const again = await straight(url, offer(v4));
        expect([firstLine(again), again.body.toString()]).toEqual([notFound, "404 page not found\n"]);
      }
    });

    test.for([
      [{ "Sec-WebSocket-Version": "12" }, "GET", "400 Bad Request", "missing or bad WebSocket Version"],
      [{ "Sec-WebSocket-Key": undefined }, "GET", "400 Bad Request", "mismatch challenge/response"],
      [{}, "POST", "405 Method Not Allowed", "bad method"],
      [
        { Connection: "close", Upgrade: undefined },
        "GET",
        "400 Bad Request",
        "unable to upgrade: header X-Stream-Protocol-Version does not exist in request with 3 headers\n",
      ],
      [
        { Connection: "close", Upgrade: undefined },
        "PUT",
        "405 Method Not Allowed",
        "405: Method Not Allowed",
      ],
    ] as const)("met with %j by %s is refused", async ([headers, method, line, body]) => {
      const answer = await straight(await script("true"), headers, { method });
      expect([firstLine(answer), answer.body.toString()]).toEqual([`HTTP/1.1 ${line}`, body]);
    });
  });

  test.for(handshakes.filter(({ server }) => server === "runtime"))(
    "the subprotocol is that of the vector $id",
    async ({ offered, chosen }) => {
      const { head } = await straight(await script("true"), offer(offered.join(", ")));
      expect(head.split("\r\n")[0]).toBe(
        `HTTP/1.1 ${chosen === null ? "403 Forbidden" : "101 Switching Protocols"}`,
      );
      expect(/^Sec-WebSocket-Protocol: (.*)$/m.exec(head)?.[1] ?? null).toBe(chosen);
    },
  );

  describe("a session", () => {
    test.for([
      [v4, "8201018203016f0a", '{"status":"Success"}', "true"],
      ["v5.channel.k8s.io, v4.channel.k8s.io", "", '{"status":"Success"}', "true"],
      ["channel.k8s.io", "", "", "true"],
      [undefined, "", "", "true"],
      [
        v4,
        "",
        '{"status":"Failure","message":"command terminated with non-zero exit code: error executing command [sh -c echo o; exit 3], exit code 3","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}',
        "exit 3",
      ],
      [
        "channel.k8s.io",
        "",
        "command terminated with non-zero exit code: error executing command [sh -c echo o; exit 3], exit code 3",
        "exit 3",
      ],
    ] as const)("of %s says output, its status and Close 1000", async ([protocols, , status, end]) => {
      const { head, body } = await straight(await script(`echo o; ${end}`), offer(protocols));
      const chosen = protocols?.split(", ").at(-1) ?? "";
      expect(head).toBe(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: ${chosen}`,
      );
      expect(body.toString("hex")).toMatch(/^8201018203016f0a.*880203e8$/);
      const said = body.subarray(8, -4);
      // Behind the head of the frame and the channel.
      expect(said.subarray(said.byteLength > 127 ? 5 : said.byteLength > 0 ? 3 : 0).toString()).toBe(status);
    });

    test("whose program is not there says so without causes", async () => {
      const { body } = await straight(await exec(["no-such-program"], stdout), offer(v4));
      expect(body.toString("latin1")).toMatch(
        /"status":"Failure","message":"Internal error occurred: error executing command in container: failed to exec in container: [^}]*","reason":"InternalError","code":500\}/,
      );
    });

    test("hears a frame that comes with the request", async () => {
      const url = await exec(["head", "-c1"], { stdin: true, stdout: true });
      const early = `b\r\n\r\n${frame(2, Buffer.from("\0a")).toString("latin1")}`;
      const { hostname, port } = new URL(url);
      const socket = connect(Number(port), hostname);
      const lines = [
        `GET ${new URL(url).pathname} HTTP/1.1`,
        "Host: 127.0.0.1",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        `Sec-WebSocket-Protocol: ${v4}`,
      ];
      socket.write(Buffer.from(`${lines.join("\r\n")}\r\nX: ${early}`, "latin1"));
      let bytes = Buffer.alloc(0);
      while (!bytes.includes("880203e8", 0, "hex"))
        bytes = Buffer.concat([bytes, ...(await once(socket, "data"))]);
      socket.end(close);
      expect(bytes.toString("hex")).toContain("82020161");
    });

    test("of an exec is ended with a connection that breaks, and not with one that is closed", async () => {
      for (const [last, count] of [
        ["", 0],
        [close, 1],
      ] as const) {
        const mark = `7${Math.random().toString().slice(2, 10)}`;
        const { hostname, port, pathname } = new URL(
          await exec(["sh", "-c", `echo up; exec sleep ${mark}`], { stdin: true, stdout: true }),
        );
        const socket = connect(Number(port), hostname);
        socket.on("error", () => undefined);
        const head = `GET ${pathname} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ${v4}\r\n\r\n`;
        socket.write(head);
        let bytes = Buffer.alloc(0);
        while (!bytes.includes("up\n")) bytes = Buffer.concat([bytes, ...(await once(socket, "data"))]);
        socket.end(last);
        await once(socket, "close");
        const running = async (): Promise<number> => {
          // The arguments of all processes; its own are not the number itself.
          const line = `cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -x '[7]${mark.slice(1)}'; true`;
          const { body } = await straight(await script(line), offer(v4));
          return body.toString("latin1").split(`${mark}\n`).length - 1;
        };
        await expect.poll(running, { timeout: 15_000 }).toBe(count);
      }
    });
  });

  test("a port-forward without ports is over at once, and knows no tunnels", async () => {
    expect((await straight(await portForward([]), offer(v4))).body.toString("hex")).toBe("880203e8");
    const tunnel = await straight(await portForward([9]), offer("SPDY/3.1+portforward.k8s.io"));
    expect(tunnel).toEqual({ head: "HTTP/1.1 403 Forbidden", body: Buffer.alloc(0) });
    const refused = await straight(await portForward([9]), offer(v4));
    expect(refused.body.toString("latin1")).toContain("error forwarding port 9 to pod");
  });

  test("SPDY is spoken as well, up to v4", async () => {
    const spdy = { Upgrade: "SPDY/3.1", "Sec-WebSocket-Key": undefined, "Sec-WebSocket-Version": undefined };
    const refused = await straight(
      await script("true"),
      { ...spdy, "X-Stream-Protocol-Version": "v5.channel.k8s.io", "Content-Length": "0" },
      { method: "POST" },
    );
    expect(firstLine(refused)).toBe("HTTP/1.1 403 Forbidden");
    expect(refused.head).toContain("X-Accepted-Stream-Protocol-Versions: v4.channel.k8s.io\r\n");
    const { hostname, port, pathname } = new URL(await script("echo o"));
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST ${pathname} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${v4}\r\nContent-Length: 0\r\n\r\n`,
    );
    let head = Buffer.alloc(0);
    while (!head.includes("\r\n\r\n")) head = Buffer.concat([head, ...(await once(socket, "data"))]);
    const client = createSpdyClient(socket, head.subarray(head.indexOf("\r\n\r\n") + 4));
    for (const streamtype of ["error", "stdout"]) await client.open({ streamtype });
    await client.until(() => client.ended);
    expect([client.text(3), client.text(1)]).toEqual(["o\n", '{"status":"Success"}']);
  });
}
