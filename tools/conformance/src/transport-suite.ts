import type { Capabilities, Dial } from "@podwire/transport";
import { describe } from "vitest";
import { closingTests } from "./suite/closing.ts";
import { flowTests } from "./suite/flow.ts";
import { handshakeTests } from "./suite/handshake.ts";
import { messageTests } from "./suite/messages.ts";
import { mistakeTests } from "./suite/mistakes.ts";
import { secretTests } from "./suite/secrets.ts";
import { createWire } from "./suite/wire.ts";

/** What the suite must know of the adapter under test. */
export interface TransportSuiteOptions {
  /** What its connections must say they can do; the tests expect no less and no more. */
  readonly capabilities: Capabilities;
  /** Where the fixture server listens. */
  readonly serverUrl: () => string;
  /** Everything a developer would see of an error; `util.inspect` where there is one. */
  readonly inspect?: (value: unknown) => string;
}

/** The contract of `Dial`, sentence by sentence, over one adapter; runs in Node and in pages. */
export function transportSuite(name: string, dial: Dial, options: TransportSuiteOptions): void {
  const wire = createWire(dial, options);
  describe(name, { timeout: 20_000 }, () => {
    handshakeTests(wire);
    mistakeTests(wire);
    secretTests(wire);
    messageTests(wire);
    closingTests(wire);
    flowTests(wire);
  });
}
