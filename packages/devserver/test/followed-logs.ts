import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { expect } from "vitest";
import type { Kubectl } from "./kubectl.ts";
import { type Output, readOutput } from "./kubectl-output.ts";

const options = ["--restart=Never", "--image=local/busybox:1", "--image-pull-policy=Never"];
const untilTold = (file: string): string => `until [ -e "$PWD/${file}" ]; do sleep 0.1; done`;
/** It goes on when it is told to, twice: what comes on two outputs has no order. */
const script = `echo one; ${untilTold("go")}; echo two >&2; ${untilTold("end")}; printf three; exit 3`;

/** Follows the logs of a container that writes more and then ends: all of it comes, as it is written, and then the end. */
export async function followedUntilTheEnd(kubectl: Kubectl): Promise<void> {
  await withFollowed(kubectl, async ({ pod, following, output, closed }) => {
    expect(following.exitCode).toBe(null);
    await letGo(kubectl, pod, output);
    // Nothing but its logs, though it failed: that is no failure of those who read them.
    expect([await closed, output.text()]).toEqual([0, "one\ntwo\nthree"]);
  });
}

/** Follows the logs of a container until Ctrl-C, which is nothing to the container: it can be followed again. */
export async function followedUntilInterrupt(kubectl: Kubectl): Promise<void> {
  await withFollowed(kubectl, async ({ pod, following, output, closed }) => {
    following.kill("SIGINT");
    expect([await closed, output.text()]).toEqual([1, "one\n"]);
    const phase = ["get", "pod", pod, "-o", "jsonpath={.status.phase}"];
    expect(await kubectl.run(phase)).toEqual({ code: 0, text: "Running" });
    const again = kubectl.start(["logs", pod, "--follow", "--tail=1"]);
    const [ended, rest] = [once(again, "close"), readOutput(again.stdout)];
    // Only then does it follow.
    await rest.until(/^one\n$/);
    await letGo(kubectl, pod, rest);
    expect([(await ended)[0], rest.text()]).toEqual([0, "one\ntwo\nthree"]);
  });
}

/** Only codes are looked at: kubectl may log a stream of the session that it did not expect yet. */
async function letGo(kubectl: Kubectl, pod: string, output: Output): Promise<void> {
  const { code } = await kubectl.run(["exec", pod, "--", "touch", "go"]);
  expect(code).toBe(0);
  await output.until(/^two$/m);
  // The container may end before this does, and take it along.
  await kubectl.run(["exec", pod, "--", "touch", "end"]);
}

interface Followed {
  readonly pod: string;
  readonly following: ReturnType<Kubectl["start"]>;
  readonly output: Output;
  readonly closed: Promise<number | null>;
}

/** Starts the container, and kubectl that follows its logs and has said what there is so far. */
async function withFollowed(kubectl: Kubectl, use: (followed: Followed) => Promise<void>): Promise<void> {
  const pod = `podwire-${randomBytes(4).toString("hex")}`;
  for (const args of [
    ["run", pod, ...options, "--", "sh", "-c", script],
    ["wait", "--for=condition=Ready", `pod/${pod}`, "--timeout=60s"],
  ]) {
    const { code, text } = await kubectl.run(args);
    expect([code, text]).toEqual([0, text]);
  }
  const following = kubectl.start(["logs", pod, "--follow"]);
  const closed = once(following, "close").then(([code]) => code);
  const output = readOutput(following.stdout);
  await output.until(/^one\n$/);
  await use({ pod, following, output, closed });
  const { code } = await kubectl.run(["delete", "pod", pod, "--now"]);
  expect(code).toBe(0);
}
