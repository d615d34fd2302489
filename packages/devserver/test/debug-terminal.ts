import { randomBytes } from "node:crypto";
import { spawn } from "@lydell/node-pty";
import { expect } from "vitest";
import type { Kubectl } from "./kubectl.ts";

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
  const { args, env } = kubectl.commandOf(["debug", "-it", pod, `--image=${image}`, ...options, "--", "sh"]);
  const pty = spawn(program, args, { cols: 100, rows: 30, env });
  let text = "";
  let answered = false;
  const ended = new Promise<number>((resolve) => {
    pty.onExit(({ exitCode }) => resolve(exitCode));
  });
  pty.onData((data: string) => {
    text += data;
    if (/[$#] /.test(text) && !text.includes("answer"))
      pty.write("echo answer-$((20+3)); stty size; exit 0\r");
    answered ||= text.includes("answer-23\r\n30 100");
  });
  // Without this a prompt may have come before anybody was attached.
  pty.write("\r");
  expect([await ended, answered, text]).toEqual([0, true, text]);
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
