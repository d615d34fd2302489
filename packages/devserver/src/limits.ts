import type { EventEmitter } from "node:events";
import { checkInteger } from "./check-integer.ts";
import { longestTimerMs } from "./timers.ts";

/** How much clients may ask of a server at once, and how slowly; 0 is none at all. */
export interface Limits {
  /** Connections; one more is dropped without an answer. 4,096 by default. */
  readonly connections: number;
  /** Sessions of exec, attach and port-forward; one more is refused with 429, as by a runtime. 4,000 by default. */
  readonly sessions: number;
  /** Watches and logs that are followed; one more is refused with 429. 1,000 by default. */
  readonly watches: number;
  /** Bytes of all objects together, as JSON; beyond, none is stored. 268,435,456 by default. */
  readonly storedBytes: number;
  /** Milliseconds that the head of a request may take; then the connection ends. 32,000 by default, as in Kubernetes. */
  readonly headMs: number;
  /** Milliseconds that a request may take to come, its body included. 60,000 by default. */
  readonly requestMs: number;
}

export const defaultLimits: Limits = {
  connections: 4_096,
  sessions: 4_000,
  watches: 1_000,
  storedBytes: 268_435_456,
  headMs: 32_000,
  requestMs: 60_000,
};

const highest: Partial<Limits> = { headMs: longestTimerMs, requestMs: longestTimerMs };

/** Fills in what is not given; throws a TypeError or RangeError for what is no limit. */
export function limitsOf(given: Partial<Limits>): Limits {
  if (typeof given !== "object" || given === null) throw new TypeError("limits must be an object");
  const limits: Record<string, number> = { ...defaultLimits };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!isLimit(name)) {
      const names = Object.keys(defaultLimits).join(", ");
      throw new TypeError(`limits has ${JSON.stringify(name)}, which is none of ${names}`);
    }
    checkInteger(`limits.${name}`, value, isTime(name) ? 1 : 0, highest[name]);
    limits[name] = value;
  }
  return { ...defaultLimits, ...limits };
}

function isLimit(name: string): name is keyof Limits {
  return Object.hasOwn(defaultLimits, name);
}

function isTime(name: keyof Limits): boolean {
  return name.endsWith("Ms");
}

/** Room for so many at once. */
export interface Quota {
  /** Whether there is room for one that lasts until it emits `close`. */
  enter(one: EventEmitter): boolean;
}

export function createQuota(limit: number): Quota {
  let count = 0;
  return {
    enter(one) {
      if (count >= limit) return false;
      count += 1;
      one.once("close", () => {
        count -= 1;
      });
      return true;
    },
  };
}
