import { Api, createClient, Pod } from "@podwire/client";
import { createDevServer } from "@podwire/devserver";

// Serves the running Pod of the examples, also to pages of one origin, until its input ends; the first line says where.
const { origin } = process.env;
const server = await createDevServer({ allowedOrigins: origin === undefined ? [] : [origin] });
const client = createClient(server.config);
const pods = new Api(Pod, { client });
const containers = [{ name: "main", image: "busybox:1.36", command: ["sleep", "600"] }];
await pods.create({ metadata: { name: "web-0" }, spec: { containers } });
await pods.waitFor("web-0", ({ status }) => status?.phase === "Running");
console.log(JSON.stringify(server.config));
for await (const _ of process.stdin);
await client.close();
await server.close();
