import { createRequire } from "node:module";
import { Api, createClient, Pod } from "@podwire/client";

// Opens one session and prints the CommonJS files that are loaded then.
const { server = "", token = "" } = process.env;
const client = createClient({ server, token });
const pods = new Api(Pod, { client });
const session = await pods.exec.stream("web-0", { command: ["echo", "hi"] });
if ((await session.stdout.text()) !== "hi\n") throw new Error("the session does not work");
await session.close();
await client.close();
const require = createRequire(`${process.cwd()}/`);
console.log(JSON.stringify(Object.keys(require.cache)));
