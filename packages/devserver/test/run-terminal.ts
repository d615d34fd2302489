import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { expect } from "vitest";
import { type Kubectl, ownLog } from "./kubectl.ts";
import { readOutput } from "./kubectl-output.ts";
import { openTerminal } from "./kubectl-terminal.ts";

const options = ["--rm", "--restart=Never", "--image=local/busybox:1", "--image-pull-policy=Never"];
const newName = (): string => `podwire-${randomBytes(4).toString("hex")}`;

/** Runs a Pod in a terminal (protocol.md F9): kubectl ends with the exit code, and the Pod is gone. */
export async function runInTerminal(program: string, kubectl: Kubectl): Promise<void> {
  const pod = newName();
  // The size comes once kubectl is attached: what is said before that, nobody hears.
  const script =
    'stty -echo; until stty size | grep "30 100"; do sleep 0.1; done; read -r line; echo "[$line]"; exit 3';
  const command = ["run", pod, "-it", ...options, "--", "sh", "-c", script];
  const terminal = await openTerminal(program, kubectl, command);
  await terminal.until(/30 100\r\n/);
  terminal.write("hello\r");
  expect([await terminal.exitCode, terminal.text()]).toEqual([3, terminal.text()]);
  const text = terminal.text().replaceAll(ownLog, "");
  const last = String.raw`pod "${pod}" deleted.*\r\npod default/${pod} terminated \(Error\)\r\n$`;
  // Later versions of kubectl tell how to come back, to a Pod that will not be there.
  const resume = String.raw`(Session ended, resume using .*\r\n)?`;
  expect(text).toMatch(new RegExp(String.raw`30 100\r\n\[hello\]\r\n${resume}${last}`));
  await expectGone(kubectl, pod);
}

/** Runs a Pod with the input of kubectl and no terminal: its output, and nothing of kubectl's amid it. */
export async function runWithInput(kubectl: Kubectl): Promise<void> {
  const pod = newName();
  const script = 'read -r line; echo "[$line]"; echo heard >&2; read -r line; exit 3';
  const running = kubectl.start(["run", pod, "-i", ...options, "--", "sh", "-c", script]);
  const closed = once(running, "close");
  const [stdout, stderr] = [readOutput(running.stdout), readOutput(running.stderr)];
  // Its end would be a detach, which may come before the output.
  running.stdin?.write("hello\n");
  await Promise.all([stdout.until(/\[hello\]\n/), stderr.until(/^heard$/m)]);
  running.stdin?.write("end\n");
  const [code] = await closed;
  expect([code, stdout.text()]).toEqual([3, expect.stringMatching(/^\[hello\]\npod .* deleted.*\n$/)]);
  expect(stderr.text().replaceAll(ownLog, "")).toMatch(
    new RegExp(`^heard\\npod default/${pod} terminated \\(Error\\)\\n$`, "m"),
  );
  await expectGone(kubectl, pod);
}

async function expectGone(kubectl: Kubectl, pod: string): Promise<void> {
  expect(await kubectl.run(["get", "pod", pod])).toEqual({
    code: 1,
    text: `Error from server (NotFound): pods "${pod}" not found\n`,
  });
}
