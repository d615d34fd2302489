import { createPods, type TestPods } from "@podwire/conformance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  Api,
  attach,
  type ClientConfig,
  createClient,
  exec,
  Pod,
  type SmallOutput,
  type SmallSession,
} from "../src/index.ts";

/** Attach and exec in few bytes, against a server whose Pods are real. */
export function smallSuite(name: string, configOf: () => Promise<ClientConfig>, image: string): void {
  describe(name, () => {
    let config: ClientConfig;
    let pods: TestPods;
    let pod: string;

    beforeAll(async () => {
      config = await configOf();
      pods = createPods(new Api(Pod, { client: createClient(config) }), image);
      pod = await pods.run("sleep 3600");
    });
    afterAll(async () => {
      await pods?.deleteAll();
      await config?.close?.();
    });

    test("runs a command, with both outputs and its exit code", async () => {
      const session = await exec(config, pod, { command: ["sh", "-c", "echo out; echo err >&2; exit 3"] });
      expect(await Promise.all([textOf(session.stdout), textOf(session.stderr)])).toEqual(["out\n", "err\n"]);
      expect(await session.exited).toMatchObject({ kind: "exited", code: 3, closeCode: 1000 });
    });

    test("says why a program did not start", async () => {
      const session = await exec(config, pod, { command: ["/no/such/program"] });
      const { kind, status } = await session.exited;
      expect([kind, status?.message]).toEqual(["failedToStart", expect.stringContaining("/no/such/program")]);
    });

    test("carries 4 MiB through a command's input and its end", async () => {
      const session = await exec(config, pod, { command: ["wc", "-c"], stdin: true });
      const length = 4_194_304;
      await session.stdin.write(new Uint8Array(length).fill(0x61));
      await session.closeStdin();
      expect((await textOf(session.stdout)).trim()).toBe(String(length));
      expect(await session.exited).toMatchObject({ kind: "exited", code: 0, stdinBytes: length });
    });

    test("brings 50 MB complete", async () => {
      const session = await exec(config, pod, { command: ["head", "-c", "50000000", "/dev/zero"] });
      let length = 0;
      for await (const chunk of session.stdout) length += chunk.byteLength;
      expect([length, (await session.exited).complete]).toEqual([50_000_000, "unproven"]);
    });

    test("gives a terminal its size, a new one, and Ctrl-D", async () => {
      const size = { width: 91, height: 31 };
      const session = await exec(config, pod, { command: ["sh"], stdin: true, tty: size });
      await session.stdin.write("stty size; echo ready\n");
      await session.resize(100, 40);
      await session.stdin.write("until [ \"$(stty size)\" = '40 100' ]; do :; done; echo resized-$((1+1))\n");
      const decoder = new TextDecoder();
      let text = "";
      for await (const chunk of session.stdout) {
        text += decoder.decode(chunk, { stream: true });
        // A shell that edits its lines reads a Ctrl-D that came before its prompt as a NUL.
        if (/resized-2\r\n.*[$#] /s.test(text)) break;
      }
      expect(text).toContain("resized-2\r\n");
      await session.closeStdin();
      await textOf(session.stdout);
      expect(await session.exited).toMatchObject({ kind: "exited", code: 0 });
    });

    test("a time limit of the platform's own is an end of its own", async () => {
      // Its event has no script below it: a page then runs microtasks between the listeners.
      const limited = async (ms: number): Promise<SmallSession> => {
        const signal = AbortSignal.timeout(ms);
        const opening = exec(config, pod, { command: ["sleep", "60"], signal });
        return opening.catch((error: unknown) => (signal.aborted ? limited(ms * 4) : Promise.reject(error)));
      };
      const session = await limited(250);
      expect(await session.exited).toMatchObject({ kind: "timedOut", error: { code: "TIMEOUT" } });
    });

    test("attaches to a container, and leaves it running", async () => {
      const echo = await pods.run("while read -r line; do echo got $line; done", { stdin: true });
      for (const line of ["one", "two"]) {
        const session = await attach(config, echo, { stdin: true });
        await session.stdin.write(`${line}\n`);
        for await (const chunk of session.stdout) {
          expect(new TextDecoder().decode(chunk)).toBe(`got ${line}\n`);
          break;
        }
        await session.close();
        expect(await session.exited).toMatchObject({ kind: "detached" });
      }
    });

    test("a container that does not run is an error, of the kind that the platform shows", async () => {
      const opening = exec(config, pod, { command: ["true"], container: "other" });
      await expect(opening).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
    });
  });
}

async function textOf(output: SmallOutput): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of output) text += decoder.decode(chunk, { stream: true });
  return text;
}
