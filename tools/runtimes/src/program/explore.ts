import type { Dial } from "@podwire/transport";
import { outcomeOf } from "./outcome.ts";
import type { Access, RuntimeReport } from "./report.ts";
import { exploreSessions } from "./sessions.ts";
import { exploreTransport } from "./transport.ts";

/** What only those runtimes have that have the modules of Node. */
export interface Extras {
  /** Dials with an authority of the caller's own. */
  readonly dialTrusting?: (ca: string) => Dial;
  /** Lists Pods by way of a kubeconfig file. */
  readonly listByKubeconfig?: (path: string) => Promise<void>;
}

/** Tries what this runtime can do. */
export async function explore(
  access: Access,
  { dialTrusting, listByKubeconfig }: Extras = {},
): Promise<RuntimeReport> {
  return {
    ...(await exploreTransport(access, dialTrusting)),
    kubeconfig: await outcomeOf(listByKubeconfig && (() => listByKubeconfig(access.kubeconfig))),
    sessions: await exploreSessions(access),
  };
}
