import { describe, expect, test } from "vitest";
import type { ProcessSpec } from "../src/containers/process.ts";
import { shell } from "../src/containers/programs/shell.ts";
import { startScripted } from "../src/containers/scripted.ts";

/** Starts the shell as a container does. */
function start(command: readonly string[], more: Partial<ProcessSpec> = {}) {
  const env = { HOME: "/home", NAME: "World", EMPTY: "" };
  const spec = { command, env, root: "", folder: "", stdin: false, tty: false, exec: false, ...more };
  const process = startScripted(shell, spec);
  const texts = [process.stdout, process.stderr].map((stream) => {
    let text = "";
    const looks = new Set<() => void>();
    stream?.on("data", (bytes) => {
      text += bytes;
      for (const look of looks) look();
    });
    return {
      get text() {
        return text;
      },
      until: (end: string) =>
        new Promise<void>((resolve) => {
          const look = (): void => {
            if (text.endsWith(end)) resolve();
          };
          looks.add(look);
          look();
        }),
    };
  });
  const [out, err] = texts;
  if (!out || !err) throw new Error("there are two outputs");
  return { process, out, err };
}

async function run(script: string): Promise<[number, string, string]> {
  const { process, out, err } = start(["sh", "-c", script]);
  const { code } = await process.exit;
  await new Promise(setImmediate);
  return [code, out.text, err.text];
}

describe("a script", () => {
  test.for([
    ["echo hello", [0, "hello\n", ""]],
    ["echo -n a  b", [0, "a b", ""]],
    ["echo one; echo two >&2; exit 3", [3, "one\n", "two\n"]],
    [
      "echo 'single  $NAME' \"double  $NAME\" plain\\ $NAME",
      [0, "single  $NAME double  World plain World\n", ""],
    ],
    [`echo $${"{NAME}"}s [$EMPTY] [$UNSET] "$UNSET" $UNSET.`, [0, "Worlds [] []  .\n", ""]],
    ['echo "a\\"b\\$c\\d"', [0, 'a"b$c\\d\n', ""]],
    ["true && echo yes || echo no", [0, "yes\n", ""]],
    ["false && echo yes || echo no", [0, "no\n", ""]],
    ["false; echo $?; true; echo $?", [0, "1\n0\n", ""]],
    ["nothing here; echo $?", [0, "127\n", "sh: nothing: not found\n"]],
    ["X=1 Y='a b'; echo $X $Y", [0, "1 a b\n", ""]],
    ["echo a # a comment; echo b\necho c#d", [0, "a\nc#d\n", ""]],
    ["echo a &&\n  echo b", [0, "a\nb\n", ""]],
    ["exit", [0, "", ""]],
    ["false; exit", [1, "", ""]],
    ["exit 258", [2, "", ""]],
    ["env", [0, "HOME=/home\nNAME=World\nEMPTY=\n", ""]],
    ["pwd", [0, "/home\n", ""]],
    ["sleep 0.01 && echo slept", [0, "slept\n", ""]],
    ["sleep x", [1, "", "sleep: invalid number 'x'\n"]],
    ["stty size", [1, "", "stty: standard input\n"]],
    ["sh -c 'exit 4'; echo $?", [0, "4\n", ""]],
    ["cat nofile", [1, "", "cat: can't open 'nofile': No such file or directory\n"]],
    ["echo 'a", [2, "", "sh: syntax error: unterminated quoted string\n"]],
    ['echo "a', [2, "", "sh: syntax error: unterminated quoted string\n"]],
    ["echo a | cat", [2, "", 'sh: "|" is not supported\n']],
    ["echo $(pwd)", [2, "", 'sh: "$(" is not supported\n']],
    ["sleep 1 & echo", [2, "", 'sh: "&" is not supported\n']],
    ["; echo a", [0, "a\n", ""]],
    ["&& echo a", [2, "", 'sh: syntax error: unexpected "&&"\n']],
    ["echo a ||", [2, "", 'sh: syntax error: unexpected ";"\n']],
  ] as const)("%j", async ([script, outcome]) => {
    expect(await run(script)).toEqual(outcome);
  });
});

test("without a terminal reads its commands from stdin, and lets them read the rest", async () => {
  const { process, out } = start([], { stdin: true });
  process.stdin?.end("echo a; echo $?\ncat\nrest\n");
  expect(await process.exit).toEqual({ code: 0 });
  expect(out.text).toBe("a\n0\nrest\n");
});

describe("in a terminal", () => {
  test("prompts, shows what is typed, edits and ends with Ctrl-D", async () => {
    const { process, out } = start(["sh"], { stdin: true, tty: true });
    await out.until("$ ");
    process.stdin?.write("echo xx\x7f\x7fhé\x7fi\r");
    await out.until("hi\r\n$ ");
    process.stdin?.write("nonsense\x15stty size\r");
    await out.until("24 80\r\n$ ");
    process.resize(100, 30);
    process.stdin?.write("stty size; false\r");
    await out.until("30 100\r\n$ ");
    process.stdin?.write("\x04");
    expect(await process.exit).toEqual({ code: 1 });
    expect(out.text.split("\r\n")[0]).toBe("$ echo xx\b \b\b \bhé\b \bi");
  });

  test("interrupts with Ctrl-C what runs, and what is typed", async () => {
    const { process, out } = start(["sh"], { stdin: true, tty: true });
    await out.until("$ ");
    process.stdin?.write("echo go; sleep infinity; echo never\r");
    await out.until("never\r\ngo\r\n");
    process.stdin?.write("\x03");
    await out.until("^C\r\n$ ");
    process.stdin?.write("echo $?\r");
    await out.until("130\r\n$ ");
    process.stdin?.write("half a line\x03");
    await out.until("^C\r\n$ ");
    process.stdin?.write("exit 5\r");
    expect(await process.exit).toEqual({ code: 5 });
    expect(out.text).not.toContain("\r\nnever");
    expect(out.text).not.toContain("$ $");
  });

  test("lets a command read until Ctrl-D, and goes on", async () => {
    const { process, out } = start(["sh"], { stdin: true, tty: true });
    await out.until("$ ");
    process.stdin?.write("cat\rline\r");
    await out.until("line\r\nline\r\n");
    process.stdin?.write("\x04");
    await out.until("line\r\n$ ");
    process.kill("SIGTERM");
    expect(await process.exit).toEqual({ code: 143 });
  });
});
