import { describe, expect, test } from "vitest";
import { createSpdyClient, type SpdyClient, describe as show } from "./spdy-client.ts";
import { spdyHeaders, type Upgrade } from "./upgraded.ts";

/** A server to be held to the suite. */
export interface SpdySuiteOptions {
  readonly upgrade: () => Upgrade;
  /** Ports of the Pod: where all comes back, where `bye` is said and the end, and where nobody listens. */
  readonly ports: () => { readonly echo: number; readonly bye: number; readonly nobody: number };
}

const v4 = "v4.channel.k8s.io";

/** What exec and port-forward are over SPDY, frame by frame. */
export function spdySuite({ upgrade, ports }: SpdySuiteOptions): void {
  const dial = async (target: string, protocol: string): Promise<SpdyClient> => {
    const { socket, head } = await upgrade()(target, spdyHeaders(protocol), "POST");
    return createSpdyClient(socket, head);
  };

  describe("exec over SPDY", () => {
    /** Opens an exec with streams 1, 3, 5, … in the order of their types. */
    async function exec(script: string, types: readonly string[], protocol = v4): Promise<SpdyClient> {
      const asked = types.filter((type) => type !== "error").map((type) => `${type}=true`);
      const switches = asked.join("&").replace("resize", "tty");
      const client = await dial(
        `exec?command=sh&command=-c&command=${encodeURIComponent(script)}&${switches}`,
        protocol,
      );
      for (const type of types) await client.open({ streamtype: type });
      return client;
    }
    /** Everything to the end of the connection; newer runtimes leave out empty metadata. */
    const allOf = async (client: SpdyClient): Promise<string[]> => {
      await client.until(() => client.ended);
      return show(client.frames).replaceAll('"metadata":{},', "").split("\n").filter(Boolean);
    };
    const success = 'data 1: {"status":"Success"}';

    test("brings outputs and their ends, the status, a reset of its stream, and GOAWAY", async () => {
      expect(
        await allOf(await exec("echo out; exec 1>&-; echo err >&2", ["error", "stdout", "stderr"])),
      ).toEqual(expect.arrayContaining(["data 3: out", "data 3 fin", "data 5: err", "data 5 fin", success]));
      expect(await allOf(await exec("echo out", ["error", "stdout"]))).toEqual([
        "syn-reply 1",
        "syn-reply 3",
        "data 3: out",
        "data 3 fin",
        success,
        "reset 1 5",
        "goaway 3 0",
      ]);
    });

    test("tells the exit code with the command", async () => {
      const frames = await allOf(await exec("exit 3 # <&>", ["error", "stdout"]));
      const said = "error executing command [sh -c exit 3 # \\u003c\\u0026\\u003e], exit code 3";
      expect(frames.slice(2)).toEqual([
        "data 3 fin",
        `data 1: {"status":"Failure","message":"command terminated with non-zero exit code: ${said}","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}`,
        "reset 1 5",
        "goaway 3 0",
      ]);
    });

    test("of a program that is not there has no outputs", async () => {
      const client = await dial("exec?command=no-such-program&stdout=true", v4);
      for (const type of ["error", "stdout"]) await client.open({ streamtype: type });
      const frames = await allOf(client);
      expect(frames[2]).toMatch(
        /^data 1: \{"status":"Failure","message":"Internal error occurred: error executing command in container: .*"reason":"InternalError".*"code":500\}$/,
      );
      expect(frames.slice(3).sort()).toEqual(["goaway 3 0", "reset 1 5", "reset 3 5"]);
    });

    test("ends the input with FIN", async () => {
      const client = await exec("cat; echo end", ["error", "stdin", "stdout"]);
      client.data(3, "in");
      client.data(3, "put\n", true);
      expect((await allOf(client)).filter((line) => !/^data 5|^end$/.test(line)).sort()).toEqual(
        [success, "goaway 5 0", "reset 1 5", "reset 3 5", "syn-reply 1", "syn-reply 3", "syn-reply 5"].sort(),
      );
      expect(client.text(5)).toBe("input\nend\n");
    });

    test("takes a reset of the input for its end", async () => {
      const client = await exec("cat; echo end", ["error", "stdin", "stdout"]);
      await client.until(() => client.frames.length === 3);
      client.send("80030003 00000008 00000003 00000005");
      const frames = await allOf(client);
      expect(client.text(5)).toBe("end\n");
      expect(frames).not.toContain("reset 3 5");
    });

    test.for(["v3.channel.k8s.io", "v2.channel.k8s.io"])(
      "of %s tells failures in text, and nothing of a success",
      async (protocol) => {
        const failure = await allOf(await exec("exit 3", ["error", "stdout"], protocol));
        const text =
          "command terminated with non-zero exit code: error executing command [sh -c exit 3], exit code 3";
        expect(failure.slice(2)).toEqual(["data 3 fin", `data 1: ${text}`, "reset 1 5", "goaway 3 0"]);
        const end = await allOf(await exec("exit 0", ["error", "stdout"], protocol));
        expect(end.slice(2)).toEqual(["data 3 fin", "reset 1 5", "goaway 3 0"]);
      },
    );

    test("of v1 tells nothing at all", async () => {
      const client = await exec("cat; exit 3", ["error", "stdin", "stdout"], "channel.k8s.io");
      client.data(3, "hello", true);
      // Runtimes do tell, on a stream that they have reset before; nobody hears it.
      const frames = (await allOf(client)).filter((line) => !line.startsWith("data 1: "));
      expect(frames.sort()).toEqual([
        "data 3 fin",
        "data 5 fin",
        "data 5: hello",
        "goaway 5 0",
        "reset 1 5",
        "syn-reply 1",
        "syn-reply 3",
        "syn-reply 5",
      ]);
    });

    test("takes sizes on a stream of their own", async () => {
      // A real server sets the size a moment after it has come, whatever it has read since.
      const client = await exec("until stty size 2>/dev/null | grep '30 100'; do sleep 0.1; done", [
        "error",
        "stdout",
        "resize",
      ]);
      client.data(5, '{"Width":100,"Hei');
      client.data(5, 'ght":30}\n');
      expect(await allOf(client)).toContain(success);
      expect(client.text(3)).toBe("30 100\r\n");
    });

    test("answers pings of the client, and passes over what means nothing", async () => {
      const client = await exec("cat", ["error", "stdin", "stdout"]);
      client.send("80030006 00000004 00000002");
      client.data(99, "for nobody");
      // SETTINGS and WINDOW_UPDATE.
      client.send("80030004 0000000c 00000001 04000000 00000001");
      client.send("80030009 00000008 00000003 00000001");
      client.data(3, "x");
      await client.until(() => client.text(5) === "x");
      client.send("80030006 00000004 00000001");
      await client.until(() => client.frames.some(({ what }) => what === "ping 1"));
      expect(show(client.frames)).not.toContain("ping 2");
    });

    test("ends with the client's GOAWAY, without a word", async () => {
      const client = await exec("cat", ["error", "stdin", "stdout"]);
      await client.until(() => client.frames.length === 3);
      client.send("80030007 00000008 00000000 00000000");
      expect((await allOf(client)).sort()).toEqual(["syn-reply 1", "syn-reply 3", "syn-reply 5"]);
    });

    test("waits for the streams that were asked for, whatever else is opened", async () => {
      const client = await dial("exec?command=true&stdout=true", v4);
      for (const streamtype of ["error", "foo"]) await client.open({ streamtype });
      await client.until(() => client.frames.length === 2);
      expect(show(client.frames)).toBe("syn-reply 1\nsyn-reply 3");
      await client.open({ streamtype: "stdout" });
      await client.until(() => client.frames.some(({ what }) => what === "data 5 fin"));
    });

    test("resets streams with numbers that are not the client's to give, or not the next", async () => {
      const client = await exec("cat", ["error", "stdin", "stdout"]);
      await client.until(() => client.frames.length === 3);
      client.nextId = 2;
      await client.open({ streamtype: "foo" });
      client.nextId = 3;
      await client.open({ streamtype: "foo" });
      await client.until(() => client.frames.length === 5);
      expect(show(client.frames.slice(3)).split("\n").sort()).toEqual(["reset 2 1", "reset 3 1"]);
    });
  });

  describe("port-forward over SPDY", () => {
    const forward = (): Promise<SpdyClient> => dial("portforward", "portforward.k8s.io");
    const pair = async (client: SpdyClient, port: number, requestid: string): Promise<void> => {
      await client.open({ streamtype: "error", port: String(port), requestid });
      await client.open({ streamtype: "data", port: String(port), requestid });
    };

    test("carries bytes both ways, several connections at once", async () => {
      const client = await forward();
      await pair(client, ports().echo, "0");
      client.data(3, "one");
      await client.until(() => client.text(3) === "one");
      client.data(3, ", more");
      await client.until(() => client.text(3) === "one, more");
      await pair(client, ports().bye, "1");
      await client.until(() => client.frames.some(({ what }) => what === "data 5 fin"));
      expect(client.text(7)).toBe("bye\n");
      client.data(3, " still");
      await client.until(() => client.text(3) === "one, more still");
    });

    test("the end of one side ends both, a second later: there is no half-close", async () => {
      const client = await forward();
      await pair(client, ports().echo, "0");
      client.data(3, "hi");
      await client.until(() => client.text(3) === "hi");
      const begun = performance.now();
      client.data(3, "", true);
      await client.until(() => client.frames.length === 5);
      expect(performance.now() - begun).toBeGreaterThan(900);
      expect(show(client.frames).split("\n").slice(2)).toEqual(["data 3: hi", "data 3 fin", "data 1 fin"]);
    });

    test("tells of a port where nobody listens, and resets the stream on which it told", async () => {
      const client = await forward();
      const port = ports().nobody;
      await pair(client, port, "0");
      await client.until(() => client.frames.length === 5);
      expect(show(client.frames)).toMatch(
        new RegExp(
          `^syn-reply 1\nsyn-reply 3\ndata 3 fin\ndata 1: error forwarding port ${port} to pod [0-9a-f]{64}, uid : failed to execute portforward in network namespace ".+": failed to connect to localhost:${port} inside namespace "[0-9a-f]{64}", IPv4: dial tcp4 127.0.0.1:${port}: connect: connection refused IPv6 dial tcp6.+ \nreset 1 5$`,
        ),
      );
    });

    test("finds streams without a request by their numbers, the error's before the data's", async () => {
      const client = await forward();
      await client.open({ streamtype: "error", port: String(ports().echo) });
      await client.open({ streamtype: "data", port: String(ports().echo) });
      client.data(3, "x");
      await client.until(() => client.text(3) === "x");
    });

    test("resets streams of no port or no type", async () => {
      const client = await forward();
      const bad: readonly Record<string, string>[] = [
        { streamtype: "error" },
        { streamtype: "error", port: "0" },
        { streamtype: "error", port: "abc" },
        { streamtype: "error", port: "70000" },
        { port: "9" },
        { streamtype: "foo", port: "9" },
      ];
      for (const headers of bad) await client.open(headers);
      await client.until(() => client.frames.length === bad.length);
      expect(show(client.frames).split("\n").sort()).toEqual(
        [1, 3, 5, 7, 9, 11].map((id) => `reset ${id} 5`).sort(),
      );
    });

    test("tells of a second stream of one type for one request", async () => {
      const client = await forward();
      for (let twice = 0; twice < 2; twice++) {
        await client.open({ streamtype: "error", port: String(ports().echo), requestid: "0" });
      }
      await client.until(() => client.frames.length === 3);
      expect(client.text(1)).toBe("error processing stream for request 0: error stream already assigned");
    });

    test("a client that resets a stream of bytes ends the connection to the port", async () => {
      const client = await forward();
      await pair(client, ports().echo, "0");
      client.data(3, "x");
      await client.until(() => client.text(3) === "x");
      client.send("80030003 00000008 00000003 00000005");
      await client.until(() => client.frames.some(({ what }) => what === "data 1 fin"));
    });
  });
}
