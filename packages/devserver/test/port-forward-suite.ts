import { describe, expect, test } from "vitest";
import { frame } from "./sessions.ts";
import { createSpdyClient } from "./spdy-client.ts";
import type { SpdySuiteOptions } from "./spdy-suite.ts";
import { tunnelled } from "./tunnelled.ts";
import type { Upgraded } from "./upgraded.ts";

const v4 = "v4.channel.k8s.io";
const tunnel = "SPDY/3.1+portforward.k8s.io";
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

/** What port-forward is over WebSocket: channels, or SPDY in a tunnel. */
export function portForwardSuite({ upgrade, ports }: SpdySuiteOptions): void {
  const open = (query: string, protocol: string | undefined): Promise<Upgraded> =>
    upgrade()(`portforward${query}`, { "Sec-WebSocket-Protocol": protocol });

  describe("over channels", () => {
    /** All bytes of the server until they are as long as that, or the connection ends. */
    async function read({ socket, head }: Upgraded, length = Number.POSITIVE_INFINITY): Promise<Buffer> {
      let bytes = head;
      if (bytes.byteLength >= length) return bytes;
      for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
        bytes = Buffer.concat([bytes, chunk]);
        if (bytes.byteLength >= length) break;
      }
      return bytes;
    }
    const littleEndian = (port: number): string => Buffer.of(port & 0xff, port >>> 8).toString("hex");
    const prefixes = (...all: readonly number[]): Buffer =>
      hex(
        all
          .map(
            (port, index) =>
              `8203 0${2 * index} ${littleEndian(port)} 8203 0${2 * index + 1} ${littleEndian(port)}`,
          )
          .join(""),
      );

    test("E1, E3: every channel begins with its port, in the order of the query", async () => {
      const { echo, bye } = ports();
      for (const query of [`?ports=${echo},${bye}`, `?ports=${echo}&ports=${bye}`]) {
        const opened = await open(query, v4);
        const expected = prefixes(echo, bye);
        expect((await read(opened, expected.byteLength)).subarray(0, expected.byteLength)).toEqual(expected);
        opened.socket.destroy();
      }
    });

    test("E2: so it does in base64, and without a subprotocol as in v4", async () => {
      const opened = await open(`?ports=${ports().echo}`, "v4.base64.channel.k8s.io");
      const port = Buffer.from(littleEndian(ports().echo), "hex").toString("base64");
      const expected = Buffer.from(`\x81\x050${port}\x81\x051${port}`, "latin1");
      expect(await read(opened, expected.byteLength)).toEqual(expected);
      opened.socket.write(frame(1, Buffer.from("0aGk=")));
      expect((await read({ ...opened, head: Buffer.alloc(0) }, 7)).toString("latin1")).toBe("\x81\x050aGk=");
      opened.socket.destroy();
      const plain = await open(`?ports=${ports().echo}`, undefined);
      expect(await read(plain, 10)).toEqual(prefixes(ports().echo));
      plain.socket.destroy();
    });

    test("E4, E5: brings bytes both ways; what comes on the channel of errors means nothing", async () => {
      const opened = await open(`?ports=${ports().echo}`, v4);
      expect(await read(opened, 10)).toEqual(prefixes(ports().echo));
      opened.socket.write(
        Buffer.concat([frame(2, hex("0178")), frame(2, hex("0778")), frame(2, hex("00 6869"))]),
      );
      expect(await read({ ...opened, head: Buffer.alloc(0) }, 5)).toEqual(hex("8203 00 6869"));
      opened.socket.destroy();
    });

    test("E6: tells in text of a port where nobody listens, and closes when no port is left", async () => {
      const { nobody } = ports();
      const bytes = await read(await open(`?ports=${nobody}`, v4));
      expect(bytes.subarray(0, 10)).toEqual(prefixes(nobody));
      expect(bytes.subarray(-4)).toEqual(hex("880203e8"));
      // A frame of more than 125 bytes, on channel 1.
      expect(bytes.subarray(10, 12)).toEqual(hex("827e"));
      expect(bytes.toString("latin1", 14, bytes.byteLength - 4)).toMatch(
        new RegExp(
          `^\x01error forwarding port ${nobody} to pod [0-9a-f]{64}, uid : failed to execute portforward in network namespace ".+": failed to connect to localhost:${nobody} inside namespace "[0-9a-f]{64}", IPv4: dial tcp4 127.0.0.1:${nobody}: connect: connection refused IPv6 dial tcp6.+ $`,
        ),
      );
    });

    test("E7: a Pod that ends the only connection ends it all, a second later", async () => {
      const begun = performance.now();
      const bytes = await read(await open(`?ports=${ports().bye}`, v4));
      expect(bytes.subarray(10)).toEqual(hex("8205 00 6279650a 880203e8"));
      expect(performance.now() - begun).toBeGreaterThan(900);
    });

    test("E8: nobody is told of the end of one of several", async () => {
      const { echo, bye } = ports();
      const opened = await open(`?ports=${bye},${echo}`, v4);
      const bytes = await read(opened, 27);
      expect(bytes.subarray(20)).toEqual(hex("8205 00 6279650a"));
      // Longer than both sides of the other one have.
      const begun = performance.now();
      while (performance.now() - begun < 1_500) {
        opened.socket.write(frame(2, hex("02 6869")));
        expect(await read({ ...opened, head: Buffer.alloc(0) }, 5)).toEqual(hex("8203 02 6869"));
      }
      opened.socket.destroy();
    });

    test("a Close ends it", async () => {
      const opened = await open(`?ports=${ports().echo}`, v4);
      expect(await read(opened, 10)).toEqual(prefixes(ports().echo));
      opened.socket.write(frame(8, hex("03e8")));
      expect(await read({ ...opened, head: Buffer.alloc(0) })).toEqual(hex("880203e8"));
    });
  });

  describe("over SPDY in a tunnel", () => {
    test("E14: is chosen whatever else is offered beside it, and echoed", async () => {
      for (const offer of [tunnel, `${tunnel}, ${v4}`, `${v4}, ${tunnel}`]) {
        const { answer, socket } = await open("?ports=1", offer);
        expect(answer).toMatch(/\r\nSec-WebSocket-Protocol: SPDY\/3\.1\+portforward\.k8s\.io$/);
        socket.destroy();
      }
    });

    test("E15, E18: carries SPDY in messages of any length, fragments too", async () => {
      const { socket, head } = await open("", tunnel);
      const { connection, messages } = tunnelled(socket, head, "byte by byte");
      const client = createSpdyClient(connection);
      const port = String(ports().echo);
      await client.open({ streamtype: "error", port, requestid: "0" });
      await client.open({ streamtype: "data", port, requestid: "0" });
      client.data(3, "hello");
      await client.until(() => client.text(3) === "hello");
      // E19: a ping is the same frame back.
      client.send("80030006 00000004 00000001");
      await client.until(() => client.frames.some(({ what }) => what === "ping 1"));
      expect(messages.every(({ opcode, fin }) => opcode === 2 && fin)).toBe(true);
      socket.destroy();
    });

    test("answers a ping of WebSocket, and a Close with its own code", async () => {
      const { socket, head } = await open("", tunnel);
      const { messages, ended } = tunnelled(socket, head, "whole");
      socket.write(Buffer.concat([frame(9, hex("6869")), frame(8, hex("03e8"))]));
      await ended;
      expect(messages.map(({ opcode, payload }) => [opcode, payload.toString("hex")])).toEqual([
        [10, "6869"],
        [8, "03e8"],
      ]);
    });

    test.for([
      ["a frame that is not masked", "8200", "bad MASK"],
      ["reserved bits", "c28000000000", "RSV1 set"],
      ["a reserved opcode", "838000000000", "bad opcode 3"],
      ["a continuation of nothing", "808000000000", "continuation after FIN"],
      ["a message inside another one", "028000000000 828000000000", "data before FIN"],
      ["a ping in fragments", "098000000000", "FIN not set on control"],
      ["all of it", "7b00", "RSV1 set, RSV2 set, RSV3 set, bad opcode 11, bad MASK"],
    ] as const)("%s breaks the rules: Close 1002 that says so", async ([, bytes, reason]) => {
      const { socket, head } = await open("", tunnel);
      const { messages, ended } = tunnelled(socket, head, "whole");
      socket.write(hex(bytes));
      await ended;
      expect(messages.map(({ opcode, payload }) => [opcode, payload.toString("latin1")])).toEqual([
        [8, `\x03\xea${reason}`],
      ]);
    });
  });
}
