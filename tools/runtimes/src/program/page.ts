import { explore } from "./explore.ts";
import type { Access, RuntimeReport } from "./report.ts";
import { exploreTerminal } from "./terminal.ts";

// For whoever drives the page.
Object.assign(globalThis, {
  async explore(access: Access): Promise<RuntimeReport> {
    return { ...(await explore(access)), terminal: await exploreTerminal(access) };
  },
});
