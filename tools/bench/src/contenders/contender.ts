import type { Target } from "../target.ts";

/** Takes a chunk of output; where it answers with a promise, the next chunk has to wait for it. */
export type Take = (chunk: Uint8Array) => Promise<void> | undefined;

/** A running command that sends back what it gets. */
export interface Echo {
  /** Sends one message and waits until it is back. */
  roundTrip(message: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** One way to run a command in a Pod, as somebody would write it who uses that library. */
export interface Contender {
  /** Whether the work is done in another process, whose CPU time is not known. */
  readonly outside?: boolean;
  /** Hands over all output of a command; resolves when the session has ended well. */
  download(command: readonly string[], take: Take): Promise<void>;
  /** Writes to a command that reads them all, waiting as the library says; resolves with its stdout. */
  upload(command: readonly string[], writes: Iterable<Uint8Array>): Promise<string>;
  echo(command: readonly string[]): Promise<Echo>;
}

// Each in a process that loads nothing of the others.
const contenders = {
  ws: async (target: Target) => (await import("./bare.ts")).createBare(target),
  "ws-collected": async (target: Target) => (await import("./bare.ts")).createBareCollected(target),
  "ws-iterated": async (target: Target) => (await import("./bare.ts")).createBareIterated(target),
  podwire: async (target: Target) => (await import("./podwire.ts")).createPodwire(target),
  "podwire-streams": async (target: Target) => (await import("./podwire.ts")).createPodwireStreams(target),
  "podwire-run": async (target: Target) => (await import("./podwire.ts")).createPodwireRun(target),
  "client-node": async (target: Target) => (await import("./client-node.ts")).createClientNode(target),
  kubectl: async (target: Target) => (await import("./kubectl.ts")).createKubectl(target),
};

export type ContenderName = keyof typeof contenders;

/** Loads a contender. */
export function contenderOf(name: ContenderName, target: Target): Promise<Contender> {
  return contenders[name](target);
}
