import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createKubectl, type Kubectl, kubectls, losslessOf } from "./kubectl.ts";
import { forward, read } from "./kubectl-forward.ts";
import { openTerminal } from "./kubectl-terminal.ts";

/** A server whose Pods kubectl is to use. */
export interface KubectlStreamsOptions {
  readonly kubeconfig: () => string | Promise<string>;
  /** What the Pod runs. */
  readonly script: string;
  /** When all its ports are there, if they are its own. */
  readonly readinessProbe?: object;
  /** Where all comes back, where `/file` is served by HTTP, and where nobody listens. */
  readonly ports: () => { readonly echo: number; readonly http: number; readonly nobody: number };
}

const image = "local/busybox:1";
const timeout = 60_000;
/** What kubectl offers from itself, and what it falls back to where a server has no WebSocket. */
const transports = {
  WebSocket: {},
  SPDY: { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: "false", KUBECTL_PORT_FORWARD_WEBSOCKETS: "false" },
} as const;

/** kubectl's exec, attach, port-forward and cp, with each kubectl over each transport. */
export function kubectlStreamsSuite(options: KubectlStreamsOptions): void {
  for (const program of kubectls) {
    for (const [transport, variables] of Object.entries(transports)) {
      describe(`${program} over ${transport}`, () => suite(program, variables, options));
    }
  }
}

function suite(
  program: string,
  variables: Readonly<Record<string, string>>,
  { kubeconfig, script, readinessProbe, ports }: KubectlStreamsOptions,
): void {
  const pod = `web-${randomBytes(4).toString("hex")}`;
  const terminalPod = `${pod}-terminal`;
  const waitingPod = `${pod}-waiting`;
  let kubectl: Kubectl;
  /** The same over what brings output that comes at once: without stdin nothing can hold it back. */
  let lossless: Kubectl;
  let folder: string;

  beforeAll(async () => {
    kubectl = await createKubectl(program, await kubeconfig(), variables);
    lossless = await createKubectl(program, await kubeconfig(), {
      ...variables,
      ...(await losslessOf(program)),
    });
    folder = await mkdtemp(join(tmpdir(), "podwire-kubectl-streams-"));
    const echo = 'stty -echo; while read -r line; do echo "[$line]"; eval "$line"; done';
    const podOf = (name: string, container: object): string =>
      JSON.stringify({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name },
        spec: {
          restartPolicy: "Never",
          terminationGracePeriodSeconds: 1,
          containers: [{ name: "main", image, ...container }],
        },
      });
    for (const input of [
      podOf(pod, { command: ["sh", "-c", script], readinessProbe }),
      podOf(waitingPod, { image: "registry.invalid/x", imagePullPolicy: "Never" }),
      podOf(terminalPod, { command: ["sh", "-c", echo], stdin: true, tty: true }),
    ]) {
      const { code, text } = await kubectl.run(["create", "-f", "-"], { input });
      expect([code, text]).toEqual([0, text]);
    }
    const ready = ["wait", "--for=condition=Ready", `pod/${pod}`, `pod/${terminalPod}`, "--timeout=50s"];
    expect(await kubectl.run(ready)).toMatchObject({ code: 0 });
  }, timeout);

  afterAll(async () => {
    await kubectl.run(["delete", "pod", pod, terminalPod, waitingPod, "--wait=false"]);
    await kubectl.remove();
    await lossless.remove();
    await rm(folder, { recursive: true });
  }, timeout);

  test("exec brings both outputs and the exit code", { timeout }, async () => {
    const command = "echo out; echo err >&2; exit 7";
    const said = { code: 7, text: "out\nerr\ncommand terminated with exit code 7\n" };
    expect(await lossless.run(["exec", pod, "--", "sh", "-c", command])).toEqual(said);
    expect(await ask(command)).toEqual(said);
    expect(await kubectl.run(["exec", pod, "--", "true"])).toEqual({ code: 0, text: "" });
  });

  test("exec says why a program cannot be started", { timeout }, async () => {
    const { code, text } = await kubectl.run(["exec", pod, "--", "no-such-program"]);
    expect(text).toMatch(
      /^error: Internal error occurred: .*no-such-program.*executable file not found in \$PATH/,
    );
    expect(code).toBe(1);
  });

  test("exec and attach say why there is nothing to join", { timeout }, async () => {
    const reason = "{.status.containerStatuses[0].state.waiting.reason}";
    const waits = [
      "wait",
      `--for=jsonpath=${reason}=ErrImageNeverPull`,
      `pod/${waitingPod}`,
      "--timeout=50s",
    ];
    expect(await kubectl.run(waits)).toMatchObject({ code: 0 });
    for (const [args, said] of [
      [
        ["exec", waitingPod, "--", "true"],
        'error: unable to upgrade connection: container not found ("main")\n',
      ],
      [
        ["attach", waitingPod],
        `error: unable to upgrade connection: container main not found in pod ${waitingPod}_default\n`,
      ],
      [["exec", `${pod}-none`, "--", "true"], `Error from server (NotFound): pods "${pod}-none" not found\n`],
    ] as const) {
      const { code, text } = await kubectl.run(args);
      expect([code, text.slice(-said.length)]).toEqual([1, said]);
    }
  });

  test("exec -i gives the input and its end to the command", { timeout }, async () => {
    const input = "x".repeat(5_000_000);
    const { code, text } = await kubectl.run(["exec", "-i", pod, "--", "sh", "-c", "wc -c; exit 3"], {
      input,
    });
    expect(text).toMatch(/^\s*5000000\ncommand terminated with exit code 3\n$/);
    expect(code).toBe(3);
  });

  test("exec brings much output, all of it", { timeout }, async () => {
    const { code, text } = await ask("head -c 20000000 /dev/zero | tr '\\0' x");
    expect([code, text.length, text.replaceAll("x", "")]).toEqual([0, 20_000_000, ""]);
  });

  test("exec -it is a terminal: its size, its changes, what is typed, and the exit code", {
    timeout,
  }, async () => {
    const script =
      'stty size; read -r line; echo "[$line]"; until stty size | grep "40 120"; do sleep 0.1; done; exit 5';
    const terminal = await openTerminal(program, kubectl, [
      "exec",
      "-it",
      pod,
      "--",
      "sh",
      "-c",
      `stty -echo; until stty size | grep -q "30 100"; do sleep 0.1; done; ${script}`,
    ]);
    await terminal.until(/30 100\r\n/);
    terminal.write("hello\r");
    await terminal.until(/\[hello\]\r\n/);
    terminal.resize(120, 40);
    await terminal.until(/40 120\r\n/);
    expect(await terminal.exitCode).toBe(5);
  });

  test("attach -it joins the container's terminal, and ends with its program", { timeout }, async () => {
    const terminal = await openTerminal(program, kubectl, ["attach", "-it", terminalPod]);
    // Its first size comes a moment after it is attached.
    await terminal.until(/try pressing enter/);
    terminal.write("until stty size | grep '30 100'; do sleep 0.1; done\r");
    await terminal.until(/\r\n30 100\r\n/);
    terminal.write("exit 3\r");
    expect(await terminal.exitCode).toBe(0);
  });

  test("port-forward carries HTTP, and several connections at once", { timeout }, async () => {
    const { echo, http } = ports();
    const forwarded = await forward(kubectl, pod, echo, http);
    const [echoing, serving] = [forwarded.ports.get(echo) ?? 0, forwarded.ports.get(http) ?? 0];
    const socket = connect(echoing, "127.0.0.1");
    socket.write("one ");
    expect(await read(socket, 4)).toBe("one ");
    const answers = await Promise.all([1, 2, 3].map(() => fetch(`http://127.0.0.1:${serving}/file`)));
    for (const answer of answers) expect((await answer.arrayBuffer()).byteLength).toBe(3_000_000);
    socket.write("more");
    expect(await read(socket, 4)).toBe("more");
    socket.destroy();
    expect(await forwarded.stop()).toBe(0);
  });

  test("port-forward says that nobody listens", { timeout }, async () => {
    const { nobody } = ports();
    const forwarded = await forward(kubectl, pod, nobody);
    const socket = connect(forwarded.ports.get(nobody) ?? 0, "127.0.0.1");
    socket.on("error", () => undefined);
    await once(socket, "close");
    await forwarded.stop();
    expect(forwarded.said()).toMatch(
      new RegExp(
        `an error occurred forwarding \\d+ -> ${nobody}: error forwarding port ${nobody} to pod .*connection refused`,
      ),
    );
  });

  test("cp brings a file there and back", { timeout }, async () => {
    const bytes = randomBytes(3_000_000);
    await writeFile(join(folder, "up"), bytes);
    expect(await kubectl.run(["cp", join(folder, "up"), `${pod}:copied`])).toMatchObject({ code: 0 });
    expect(await lossless.run(["cp", `${pod}:copied`, join(folder, "down")])).toMatchObject({ code: 0 });
    expect(bytes.equals(await readFile(join(folder, "down")))).toBe(true);
  });

  test("cp brings a folder there and back, with all that is in it", { timeout }, async () => {
    const [up, down] = [join(folder, "tree"), join(folder, "returned")];
    await mkdir(join(up, "deep", "er"), { recursive: true });
    await mkdir(join(up, "empty"));
    const bytes = randomBytes(300_000);
    await writeFile(join(up, "deep", "er", "bytes"), bytes);
    await writeFile(join(up, "a name"), "text\n");
    await writeFile(join(up, "run"), "#!/bin/sh\necho it runs\n", { mode: 0o755 });
    await symlink("run", join(up, "link"));
    expect(await kubectl.run(["cp", up, `${pod}:tree`])).toEqual({ code: 0, text: "" });
    const look = "cd tree && find . | sort && ./run && readlink link";
    const there = ["a name", "deep", "deep/er", "deep/er/bytes", "empty"];
    expect(await ask(look)).toEqual({
      code: 0,
      text: [".", ...[...there, "link", "run"].map((path) => `./${path}`), "it runs", "run", ""].join("\n"),
    });
    // kubectl itself leaves out links, and who may run a file.
    expect(await lossless.run(["cp", `${pod}:tree`, down])).toEqual({
      code: 0,
      text: expect.stringMatching(/^warning: skipping symlink: ".*link" -> "run" .*\n$/),
    });
    expect((await readdir(down, { recursive: true })).sort()).toEqual([...there, "run"]);
    expect(bytes.equals(await readFile(join(down, "deep", "er", "bytes")))).toBe(true);
    const none = join(folder, "none");
    expect(await kubectl.run(["cp", none, `${pod}:none`])).toEqual({
      code: 1,
      text: `error: ${none} doesn't exist in local filesystem\n`,
    });
  });

  /** Runs a line of shell that says nothing before kubectl has its streams: before these it sends no input. */
  function ask(command: string): ReturnType<Kubectl["run"]> {
    const gated = `read -r _; ${command}`;
    return kubectl.run(["exec", "-i", pod, "--", "sh", "-c", gated], { input: "\n" });
  }
}
