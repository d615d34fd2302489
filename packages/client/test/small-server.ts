import { afterAll, beforeAll } from "vitest";
import type { WebSocket } from "ws";
import type { ClientConfig } from "../src/index.ts";
import { type ApiServer, serve } from "./api-server.ts";

/** A server for the sessions of a file, each of which meets what was set last. */
export interface SmallServer {
  behave: (socket: WebSocket) => void;
  readonly exchanges: ApiServer["exchanges"];
  readonly config: ClientConfig;
}

export function useSmallServer(): SmallServer {
  let running: ApiServer | undefined;
  const server = {
    behave: (_socket: WebSocket): void => undefined,
    get exchanges() {
      return running?.exchanges ?? [];
    },
    get config() {
      return { server: running?.url ?? "" };
    },
  };
  beforeAll(async () => {
    running = await serve({ socket: (socket) => server.behave(socket) });
  });
  afterAll(() => running?.[Symbol.asyncDispose]());
  return server;
}
