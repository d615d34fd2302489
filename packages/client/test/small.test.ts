import { createDevServer, type DevServer } from "@podwire/devserver";
import { afterAll, beforeAll } from "vitest";
import { smallSuite } from "./small-suite.ts";

let server: DevServer;

beforeAll(async () => {
  server = await createDevServer();
});
afterAll(() => server.close());

smallSuite("attach and exec in few bytes", async () => server.config, "busybox:1.36");
