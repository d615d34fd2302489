import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { Kubectl } from "./kubectl.ts";
import { openTerminal } from "./kubectl-terminal.ts";

const image = "local/busybox:1";

/** Debugs a Pod with a shell in a terminal, as somebody at a keyboard does, until the shell is left. */
export async function debugInTerminal(program: string, kubectl: Kubectl): Promise<void> {
  const pod = `podwire-${randomBytes(4).toString("hex")}`;
  const say = async (...args: string[]): Promise<string> => {
    const { code, text } = await kubectl.run(args);
    expect([code, text]).toEqual([0, text]);
    return text;
  };
  await say("run", pod, `--image=${image}`, "--image-pull-policy=Never", "--", "sleep", "1000");
  await say("wait", "--for=condition=Ready", `pod/${pod}`, "--timeout=60s");
  const options = ["--image-pull-policy=Never", "--profile=general", "--container=shell"];
  const command = ["debug", "-it", pod, `--image=${image}`, ...options, "--", "sh"];
  const terminal = await openTerminal(program, kubectl, command);
  // A prompt may come before anybody is attached, and so may the answer to what is typed.
  const typing = setInterval(() => terminal.write("\r"), 500);
  await terminal.until(/[$#] /).finally(() => clearInterval(typing));
  // Its first size comes a moment after it is attached.
  terminal.write("echo answer-$((20+3)); until stty size | grep '30 100'; do sleep 0.1; done; exit 0\r");
  await terminal.until(/answer-23\r\n(?:.*\r\n)*30 100/);
  expect([await terminal.exitCode, terminal.text()]).toEqual([0, terminal.text()]);
  const container = "{.status.ephemeralContainerStatuses[0]";
  await say(
    "wait",
    `--for=jsonpath=${container}.state.terminated.exitCode}=0`,
    `pod/${pod}`,
    "--timeout=60s",
  );
  expect(await say("get", "pod", pod, "-o", `jsonpath=${container}.name}/${container}.ready}`)).toBe(
    "shell/false",
  );
  expect(await say("logs", pod, "-c", "shell")).toContain("answer-23\n");
  await say("delete", "pod", pod, "--now");
}
