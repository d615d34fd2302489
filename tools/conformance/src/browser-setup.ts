import type { TestProject } from "vitest/node";
import { startTransportServer } from "./transport-server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the fixture server of the transport suite listens. */
    transportUrl: string;
  }
}

/** Runs in Node while the tests run in a page. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startTransportServer();
  project.provide("transportUrl", server.url);
  return () => server.close();
}
