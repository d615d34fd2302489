import { checkTimeout } from "../arguments.ts";
import type { Client } from "../client.ts";
import type { StreamSession } from "../session/session.ts";
import { openSession } from "./open.ts";
import { checkStreamOptions, type StreamOptions } from "./stream-options.ts";

/** Options of `attach.stream`. */
export interface AttachOptions extends StreamOptions {
  /** Time for finding the exit code in the Pod's status once the stream has ended, in milliseconds; 5,000 by default. */
  readonly exitTimeoutMs?: number;
}

/** The attach subresource: connects to a container's running process. */
export interface AttachApi {
  /**
   * Attaches to a container's own process, waiting until it runs. Rejects with a TypeError or RangeError before any
   * network for impossible options, with `signal.reason` when aborted, and else with a ClientError.
   */
  stream(name: string, options?: AttachOptions): Promise<StreamSession>;
}

export function createAttachApi(client: Client, collectionOf: (namespace?: string) => string): AttachApi {
  return {
    async stream(name, options = {}) {
      checkStreamOptions(name, options);
      const { exitTimeoutMs } = options;
      checkTimeout("exitTimeoutMs", exitTimeoutMs);
      const collection = collectionOf(options.namespace);
      return await openSession(client, { kind: "attach", collection, name, options, exitTimeoutMs });
    },
  };
}
