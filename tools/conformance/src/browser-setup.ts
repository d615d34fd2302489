import type { TestProject } from "vitest/node";
import { startPageServers } from "./page-servers.ts";
import { startTransportServer } from "./transport-server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the fixture server of the transport suite listens. */
    transportUrl: string;
    /** Where a page gets an API server of its own. */
    pageServersUrl: string;
  }
}

/** Runs in Node while the tests run in a page. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const transport = await startTransportServer();
  const servers = await startPageServers();
  project.provide("transportUrl", transport.url);
  project.provide("pageServersUrl", servers.url);
  return async () => {
    await transport.close();
    await servers.close();
  };
}
