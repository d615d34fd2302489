import type { Capabilities, Dial, DialOptions } from "@podwire/transport";
import { expect, vi } from "vitest";
import { type RecorderHooks, type Recording, record } from "../recorder.ts";
import type { TransportReport } from "../transport-report.ts";
import type { TransportSuiteOptions } from "../transport-suite.ts";

/** One adapter and one fixture server, as the tests use them. */
export interface Wire {
  readonly dial: Dial;
  readonly capabilities: Capabilities;
  inspect(value: unknown): string;
  /** The URL of a behaviour, with an id under which the server reports. */
  target(path: string): Target;
  open(target: Target, options?: Partial<DialOptions>, hooks?: RecorderHooks): Promise<Recording>;
  /** The reason of a dial that must be rejected. */
  refusal(target: Target, options?: Partial<DialOptions>): Promise<unknown>;
}

export interface Target {
  readonly url: string;
  report(): Promise<TransportReport>;
  release(): Promise<void>;
}

/** The name that the fixture server chooses is the first. */
export const protocols = ["one.podwire.example", "two.podwire.example"];

export function createWire(dial: Dial, options: TransportSuiteOptions): Wire {
  const ask = async (path: string): Promise<TransportReport> => {
    const response = await fetch(options.serverUrl() + path);
    return response.json();
  };
  const wire: Wire = {
    dial,
    capabilities: options.capabilities,
    inspect: options.inspect ?? (() => ""),
    target(path) {
      const id = Math.random().toString(36).slice(2);
      const url = new URL(path, options.serverUrl());
      url.searchParams.set("id", id);
      return {
        url: url.href,
        report: () => ask(`/report?id=${id}`),
        async release() {
          await ask(`/release?id=${id}`);
        },
      };
    },
    open: (target, more, hooks) => record(dial, target.url, { protocols, ...more }, hooks),
    async refusal(target, more) {
      const outcome = await wire.open(target, more).then(
        () => undefined,
        (reason: unknown) => ({ reason }),
      );
      expect(outcome, "the dial must be rejected").toBeDefined();
      return outcome?.reason;
    },
  };
  return wire;
}

/** Closes and waits for the end, which must be the only one and the last call. */
export async function finish(recording: Recording): Promise<void> {
  recording.connection.close();
  await recording.closed;
  expectOneEnd(recording);
}

export function expectOneEnd(recording: Recording): void {
  expect(recording.closes).toHaveLength(1);
  expect(recording.violations).toEqual([]);
}

/** Asks again until it holds; patient, because a test machine may be busy. */
export function eventually<T>(condition: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(condition, { timeout: 15_000, interval: 10 });
}
