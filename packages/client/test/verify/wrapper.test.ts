import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import { createMarkerFilter, type Marker } from "../../src/verify/marker.ts";
import { acknowledgement, wrapCommand } from "../../src/verify/wrapper.ts";

const name = "0123456789abcdef0123456789abcdef";

/** The POSIX shells of this machine, by their command. */
const shells = [["/bin/sh"], ["/bin/dash"], ["/bin/bash"], ["/bin/busybox", "sh"]].filter(([file = ""]) =>
  existsSync(file),
);

function start(shell: readonly string[], command: readonly string[], ownStdin = false) {
  const [, ...program] = wrapCommand(command, name, ownStdin);
  const [file = "", ...first] = shell;
  return spawn(file, [...first, ...program]);
}

async function outcomeOf(child: ChildProcessWithoutNullStreams) {
  const [stdout, stderr, [code]] = await Promise.all([
    buffer(child.stdout),
    buffer(child.stderr),
    once(child, "exit"),
  ]);
  return { code, stdout: split(stdout), stderr: split(stderr) };
}

function split(bytes: Uint8Array): { text: string; marker: Marker | undefined } {
  const filter = createMarkerFilter(name);
  const text = Buffer.concat([filter.push(bytes), filter.end()]).toString("latin1");
  return { text, marker: filter.marker };
}

test.for(shells)(
  "%j marks the end of both outputs with code and counts, and waits for a line",
  async (shell) => {
    const child = start(shell, ["sh", "-c", "cat; printf 'a\\0b'; echo err >&2; exit 3"]);
    child.stdin.end("\n");
    const { code, stdout, stderr } = await outcomeOf(child);
    expect(code).toBe(3);
    expect([stdout.text, stderr.text]).toEqual(["a\0b", "err\n"]);
    const marker = { pid: child.pid, exitCode: 3, stdoutBytes: 3, stderrBytes: 4 };
    expect([stdout.marker, stderr.marker]).toEqual([marker, marker]);
  },
);

test.for(shells)("%j gives the command its arguments as they are", async (shell) => {
  const odd = ["a b", "$HOME", "`id`", "'", '"', "\\", "*", "", "-n", "ü", "a\nb"];
  const child = start(shell, ["printf", "<%s>", ...odd]);
  child.stdin.end();
  const { stdout } = await outcomeOf(child);
  expect(Buffer.from(stdout.text, "latin1").toString()).toBe(odd.map((part) => `<${part}>`).join(""));
});

test.for(shells)("%j leaves the command its own stdin, and waits for a signal", async (shell) => {
  const child = start(shell, ["sh", "-c", "wc -c; exit 4"], true);
  child.stdin.end("x".repeat(100_000));
  let seen = "";
  let told = false;
  child.stdout.on("data", (bytes: Buffer) => {
    seen += bytes.toString();
    const { marker } = split(Buffer.from(seen));
    if (!marker || told) return;
    told = true;
    const [, ...args] = acknowledgement(marker.pid, name);
    const [file = "", ...first] = shell;
    spawn(file, [...first, ...args]);
  });
  child.stderr.resume();
  const [code] = await once(child, "exit");
  expect([code, split(Buffer.from(seen)).text.trim()]).toEqual([4, "100000"]);
});

test.for(shells)("%j signals no other process that has the number by now", async (shell) => {
  const other = spawn("sleep", ["60"]);
  const [, ...args] = acknowledgement(other.pid ?? 0, name);
  const [file = "", ...first] = shell;
  await once(spawn(file, [...first, ...args]), "exit");
  expect(other.kill("SIGTERM")).toBe(true);
  expect(await once(other, "exit")).toEqual([null, "SIGTERM"]);
});

test.for(shells)("%j runs programs, and no commands of its own", async (shell) => {
  for (const command of [
    ["exit", "5"],
    ["eval", "exit 6"],
  ]) {
    const child = start(shell, command);
    child.stdin.end();
    const { code, stdout } = await outcomeOf(child);
    expect([code, stdout.marker?.exitCode]).toEqual([127, 127]);
  }
});

test.for(shells)("%j tells a killed command and one that is not there", async (shell) => {
  for (const [command, expected] of [
    [["sh", "-c", "kill -9 $$"], 137],
    [["/no/such/program"], 127],
  ] as const) {
    const child = start(shell, command);
    child.stdin.end();
    const { code, stdout } = await outcomeOf(child);
    expect([code, stdout.marker?.exitCode]).toEqual([expected, expected]);
  }
});

test.for(shells)("%j ends when the client goes away", async (shell) => {
  const child = start(shell, ["echo", "done"]);
  await once(child.stdout, "data");
  child.stdin.destroy();
  expect((await once(child, "exit"))[0]).toBe(0);
});

test.for(shells)("%j carries 50 MB of anything", async (shell) => {
  const child = start(shell, ["sh", "-c", "head -c 52428800 /dev/urandom"]);
  child.stdin.end("\n");
  const { stdout } = await outcomeOf(child);
  expect([stdout.text.length, stdout.marker?.stdoutBytes]).toEqual([52_428_800, 52_428_800]);
});

test("counts nothing in a container without the tools for it", async () => {
  const [shell = "", ...program] = wrapCommand(["/bin/echo", "hi"], name, false);
  const child = spawn(`/bin/${shell}`, program, { env: { PATH: "/nowhere" } });
  child.stdin.end();
  const { stdout } = await outcomeOf(child);
  expect([stdout.text, stdout.marker]).toEqual(["hi\n", expect.objectContaining({ exitCode: 0 })]);
  expect(stdout.marker?.stdoutBytes).toBeUndefined();
});
