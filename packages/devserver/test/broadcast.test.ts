import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { createBroadcast } from "../src/containers/broadcast.ts";

/** Who has enough with the first piece. */
function createSlow(): { heard: string; ended: boolean; data(bytes: Uint8Array): boolean; end(): void } {
  return {
    heard: "",
    ended: false,
    data(bytes) {
      this.heard += Buffer.from(bytes).toString();
      return false;
    },
    end() {
      this.ended = true;
    },
  };
}

test("who is slow stops the output for all, and with the end of the program nobody any more", async () => {
  const output = new PassThrough();
  const broadcast = createBroadcast(output);
  const slow = createSlow();
  broadcast.join(slow);
  output.write("one ");
  await new Promise(setImmediate);
  output.write("two ");
  output.end("three");
  await new Promise(setImmediate);
  expect([slow.heard, slow.ended]).toEqual(["one ", false]);
  const closed = new Promise((resolve) => output.once("close", resolve));
  broadcast.flush();
  await closed;
  expect([slow.heard, slow.ended]).toEqual(["one two three", true]);
});
