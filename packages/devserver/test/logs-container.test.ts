import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createLog } from "../src/logs/container-log.ts";
import type { LogOptions } from "../src/logs/log-options.ts";
import { readLog } from "../src/logs/read-log.ts";

const all: LogOptions = {
  container: "",
  previous: false,
  follow: false,
  timestamps: false,
  sinceMs: 0,
  tailLines: Number.POSITIVE_INFINITY,
  limitBytes: Number.POSITIVE_INFINITY,
};
const never = new AbortController().signal;

/** A log, the time of which goes on by a millisecond and a bit with each block. */
function logOf(limitBytes = 1_000_000) {
  let timeMs = 1_767_225_600_000;
  const writer = createLog(limitBytes, () => {
    timeMs += 1.25;
    return timeMs;
  });
  const [stdout, stderr] = [writer.listener(), writer.listener()];
  const read = async (options: Partial<LogOptions> = {}): Promise<string> => {
    let text = "";
    for await (const bytes of readLog(writer.log, { ...all, ...options }, never)) {
      text += Buffer.from(bytes).toString();
    }
    return text;
  };
  const end = (): void => {
    stdout.end();
    stderr.end();
  };
  return { log: writer.log, stdout, stderr, read, end };
}

const bytes = (text: string): Buffer => Buffer.from(text);

test("times are those of the clock, finer, also when somebody sets it", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const writer = createLog(1_000_000);
  const stdout = writer.listener();
  const times = ["2026-01-01T00:00:00.000", "2026-01-01T12:00:00.007", "2025-12-31T23:59:59.999"];
  for (const time of times) {
    vi.setSystemTime(`${time}Z`);
    stdout.data(bytes("line\n"));
  }
  let text = "";
  for await (const part of readLog(writer.log, { ...all, timestamps: true }, never))
    text += Buffer.from(part);
  expect(text.match(/^[^Z]{23}/gm)).toEqual(times);
});

describe("what is written", () => {
  test("is in the log once its line is complete, or cannot become so any more", async () => {
    const { stdout, stderr, read, end } = logOf();
    stdout.data(bytes("one\ntw"));
    stderr.data(bytes("error\n"));
    expect(await read()).toBe("one\nerror\n");
    stdout.data(bytes("o\nthr"));
    expect(await read()).toBe("one\nerror\ntwo\n");
    end();
    expect(await read()).toBe("one\nerror\ntwo\nthr");
  });

  test("is a copy: the chunk that it came in is the container's again", async () => {
    const { stdout, read } = logOf();
    const chunk = bytes("whole\npart");
    stdout.data(chunk);
    chunk.fill(0);
    stdout.data(bytes("ial\n"));
    expect(await read()).toBe("whole\npartial\n");
  });

  test("in a line without end is cut every 16 KiB, each of which is one of the last lines, with one time", async () => {
    const { stdout, log, read } = logOf();
    stdout.data(bytes("x".repeat(40_000)));
    expect(log.next).toBe(2);
    expect((await read()).length).toBe(32_768);
    stdout.data(bytes("\nshort\n"));
    expect(await read()).toBe(`${"x".repeat(40_000)}\nshort\n`);
    expect(await read({ tailLines: 2 })).toBe(`${"x".repeat(40_000 - 32_768)}\nshort\n`);
    const lines = (await read({ timestamps: true })).split("\n");
    expect(lines.map((line) => [line.slice(0, 31), line.length])).toEqual([
      ["2026-01-01T00:00:00.001250000Z ", 31 + 40_000],
      ["2026-01-01T00:00:00.003750000Z ", 31 + 5],
      ["", 0],
    ]);
  });

  test("and complete at once in a line that is as long is cut alike", async () => {
    const { stdout, read } = logOf();
    stdout.data(bytes(`${"x".repeat(16_384)}\n${"y".repeat(16_385)}\n`));
    expect(await read({ tailLines: 2 })).toBe(`${"y".repeat(16_385)}\n`);
    expect(await read({ tailLines: 1 })).toBe("y\n");
  });
});

describe("the size of a log", () => {
  test("is bounded: the oldest goes, whatever the size of the writes", () => {
    for (const size of [1, 100, 65_536]) {
      const { log, stdout } = logOf(1_000_000);
      const line = bytes(`${"x".repeat(size - 1)}\n`);
      for (let written = 0; written < 4_000_000; written += size + 256) stdout.data(line);
      let kept = 0;
      for (let number = log.first; number < log.next; number += 1) {
        kept += log.block(number)?.bytes.byteLength ?? Number.NaN;
      }
      expect(log.first).toBeGreaterThan(0);
      expect(kept + 256 * (log.next - log.first)).toBeLessThanOrEqual(1_000_000);
      expect(kept + 256 * (log.next - log.first)).toBeGreaterThan(1_000_000 - 2 * (size + 256));
      expect(log.block(log.first - 1)).toBeUndefined();
    }
  });

  test("never drops what has just been written", async () => {
    const { stdout, read } = logOf(10);
    stdout.data(bytes("longer than the limit\n"));
    stdout.data(bytes("the last\n"));
    expect(await read()).toBe("the last\n");
  });

  test("a follower that was left behind goes on with what there is", async () => {
    const { log, stdout, end } = logOf(600);
    const reading = readLog(log, { ...all, follow: true }, never);
    stdout.data(bytes("first\n"));
    expect(String(Buffer.from((await reading.next()).value ?? ""))).toBe("first\n");
    for (const number of [1, 2, 3, 4, 5]) stdout.data(bytes(`${number}\n`));
    expect(String(Buffer.from((await reading.next()).value ?? ""))).toBe("4\n");
    end();
    expect(String(Buffer.from((await reading.next()).value ?? ""))).toBe("5\n");
    expect((await reading.next()).done).toBe(true);
  });
});

describe("a follower", () => {
  test("waits for more, until every output has ended", async () => {
    const { log, stdout, stderr } = logOf();
    let ended = false;
    let text = "";
    const reading = (async () => {
      for await (const one of readLog(log, { ...all, follow: true }, never)) text += Buffer.from(one);
      ended = true;
    })();
    stdout.data(bytes("a\n"));
    stdout.end();
    await new Promise(setImmediate);
    stderr.data(bytes("b"));
    await new Promise(setImmediate);
    expect([text, ended]).toEqual(["a\n", false]);
    stderr.end();
    await reading;
    expect(text).toBe("a\nb");
  });

  test("leaves at once when it is not wanted any more", async () => {
    const { log } = logOf();
    const leaving = new AbortController();
    const reading = readLog(log, { ...all, follow: true }, leaving.signal).next();
    leaving.abort();
    expect((await reading).done).toBe(true);
  });
});

test("lines from before a time are left out, a tail is counted before, and a limit cuts what is left", async () => {
  const { stdout, read } = logOf();
  for (const number of [1, 2, 3, 4]) stdout.data(bytes(`line ${number}\n`));
  const sinceMs = 1_767_225_600_000 + 1.25 * 3;
  expect(await read({ sinceMs })).toBe("line 3\nline 4\n");
  expect(await read({ sinceMs, tailLines: 3 })).toBe("line 3\nline 4\n");
  expect(await read({ sinceMs, tailLines: 1 })).toBe("line 4\n");
  expect(await read({ tailLines: 0 })).toBe("");
  expect(await read({ tailLines: 9 })).toBe("line 1\nline 2\nline 3\nline 4\n");
  expect(await read({ tailLines: 2, limitBytes: 9 })).toBe("line 3\nli");
  expect(await read({ tailLines: 1, timestamps: true })).toBe("2026-01-01T00:00:00.005000000Z line 4\n");
});
