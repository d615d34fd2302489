import type { Readable } from "node:stream";

/** What a program says while it runs. */
export interface Output {
  text(): string;
  /** Waits for what matches all that was said; fails when the output ends without it. */
  until(pattern: RegExp): Promise<void>;
}

/** Reads an output as it comes. */
export function readOutput(stream: Readable | null): Output {
  if (stream === null) throw new TypeError("the output is not piped: there is nothing to read");
  let text = "";
  let look: () => void = () => undefined;
  stream.setEncoding("utf8");
  const ended = new Promise<void>((resolve) => {
    stream.once("close", resolve);
  });
  stream.on("data", (chunk) => {
    text += chunk;
    look();
  });
  return {
    text: () => text,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        look = () => pattern.test(text) && resolve();
        look();
        void ended.then(() => reject(new Error(`ended after ${JSON.stringify(text)}`)));
      }),
  };
}
