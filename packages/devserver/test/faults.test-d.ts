import type { Faults } from "@podwire/devserver";
import { test } from "vitest";

declare const faults: Faults;

test("what is no fault does not compile", () => {
  () => {
    // @ts-expect-error there is no such kind
    faults.add({ kind: "explode" });
    // @ts-expect-error a refusal is a Status or a text
    faults.add({ kind: "refuse", code: 500, text: "no", message: "no" });
    // @ts-expect-error a delay has a time
    faults.add({ kind: "delay" });
    // @ts-expect-error a cut is after bytes or after frames
    faults.add({ kind: "cut", by: "fin", afterBytes: 1, afterFrames: 1 });
    // @ts-expect-error a log is no session
    faults.add({ kind: "duplicate" }, { subresource: "log" });
    // @ts-expect-error the n-th, or the first so many
    faults.add({ kind: "stall" }, { nth: 1, times: 1 });
    faults.add({ kind: "stall" }, { subresource: "log", nth: 1 });
    faults.add({ kind: "cut", by: "rst", afterFrames: 1 }, { subresource: "exec" });
  };
});
