import { checkInteger } from "../check-integer.ts";
import type { Fault } from "./fault.ts";
import type { RequestMatch } from "./match.ts";

const cuts: readonly string[] = ["fin", "rst", "silence"];
const streamTypes: readonly string[] = ["error", "stdin", "stdout", "stderr", "resize", "data"];

/** What each kind has to be; for those who write no TypeScript. */
const checks: { readonly [Kind in Fault["kind"]]: (fault: Extract<Fault, { kind: Kind }>) => void } = {
  refuse({ code }) {
    checkInteger("code", code, 400, 599);
  },
  delay: ({ ms }) => checkInteger("ms", ms, 0),
  stall: () => undefined,
  cut(fault) {
    if (!cuts.includes(fault.by)) {
      throw new TypeError(`by must be one of ${cuts.join(", ")}, not ${JSON.stringify(fault.by)}`);
    }
    if ("afterFrames" in fault) checkInteger("afterFrames", fault.afterFrames, 0);
    else checkInteger("afterBytes", fault.afterBytes ?? 0, 0);
  },
  deny: () => undefined,
  expire: () => undefined,
  throttle({ direction, bytesPerSecond }) {
    if (direction !== "in" && direction !== "out") {
      throw new TypeError(`direction must be "in" or "out", not ${JSON.stringify(direction)}`);
    }
    checkInteger("bytesPerSecond", bytesPerSecond, 1);
  },
  "stop-reading": ({ afterBytes = 0 }) => checkInteger("afterBytes", afterBytes, 0),
  message({ channel, afterFrames = 1 }) {
    checkInteger("channel", channel, 0, 255);
    checkInteger("afterFrames", afterFrames, 0);
  },
  "empty-message": ({ afterFrames = 1 }) => checkInteger("afterFrames", afterFrames, 0),
  duplicate: () => undefined,
  close({ code, afterFrames = 0 }) {
    if (code !== "none") checkInteger("code", code, 0, 65_535);
    checkInteger("afterFrames", afterFrames, 0);
  },
  "reset-stream"({ stream, status = 5 }) {
    if (!streamTypes.includes(stream)) {
      throw new TypeError(`stream must be one of ${streamTypes.join(", ")}, not ${JSON.stringify(stream)}`);
    }
    checkInteger("status", status, 1, 11);
  },
  "go-away"({ status = 0, afterFrames = 0 }) {
    checkInteger("status", status, 0, 11);
    checkInteger("afterFrames", afterFrames, 0);
  },
  status(fault) {
    if ("splitAfterBytes" in fault) checkInteger("splitAfterBytes", fault.splitAfterBytes, 0);
    else if (!Array.isArray(fault.payloads)) throw new TypeError("payloads must be a list");
  },
};

/** Throws a TypeError or RangeError for what is no fault. */
export function checkFault(fault: Fault): void {
  if (typeof fault !== "object" || fault === null || !Object.hasOwn(checks, fault.kind)) {
    const kinds = Object.keys(checks).join(", ");
    throw new TypeError(`a fault has a kind, which is one of ${kinds}; got ${JSON.stringify(fault)}`);
  }
  checkOf(fault);
}

function checkOf<Kind extends Fault["kind"]>(fault: Extract<Fault, { kind: Kind }> & { kind: Kind }): void {
  checks[fault.kind](fault);
}

export function checkMatch({ nth, times, path, where }: RequestMatch): void {
  if (nth !== undefined && times !== undefined) throw new TypeError("a match has nth or times, not both");
  if (nth !== undefined) checkInteger("nth", nth, 1);
  if (times !== undefined) checkInteger("times", times, 1);
  if (path !== undefined && typeof path !== "string" && !(path instanceof RegExp)) {
    throw new TypeError("path must be a text or a RegExp");
  }
  if (where !== undefined && typeof where !== "function") throw new TypeError("where must be a function");
}
