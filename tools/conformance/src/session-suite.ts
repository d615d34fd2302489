import { type SessionSuiteOptions, sessionSuite as suite } from "@podwire/conformance";
import { afterAll, describe, test } from "vitest";

/** The suite of sessions as tests of vitest. */
export function sessionSuite(name: string, options: SessionSuiteOptions): void {
  suite(name, options, { describe, test, after: (body) => afterAll(body, 60_000) });
}
