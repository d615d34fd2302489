import type { Violation } from "@podwire/devserver";
import { beforeEach } from "vitest";
import { runWeb, serve } from "./serve.ts";
import { devServerUpgrade } from "./upgraded.ts";

/** A strict devserver with the Pod `web`, and what it has told of the clients of one test. */
export function serveStrict() {
  const told: Violation[] = [];
  const served = serve("strict", { strict: (violation) => told.push(violation) }, runWeb);
  beforeEach(() => {
    told.length = 0;
  });
  return { served, told, upgrade: devServerUpgrade(() => served.server, "web") };
}
