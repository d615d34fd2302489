import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { Exec } from "@kubernetes/client-node";
import { config, namespace, say, withPod } from "./cluster.mjs";

// A command in a terminal that becomes larger.

const script = `read -r name; echo "hello $name"
until [ "$(stty size 2>/dev/null)" = "24 80" ]; do sleep 0.05; done; echo first >&2
until [ "$(stty size 2>/dev/null)" = "40 100" ]; do sleep 0.05; done; echo second; exit 5`;

await withPod("terminal", ["sleep", "1000"], async (name) => {
  const stdout = Object.assign(new PassThrough(), { rows: 24, columns: 80 });
  const stdin = new PassThrough();
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const line = async () => (await lines.next()).value;
  const { promise: status, resolve } = Promise.withResolvers();
  await new Exec(config).exec(
    namespace,
    name,
    "main",
    ["sh", "-c", script],
    stdout,
    null,
    stdin,
    true,
    resolve,
  );
  stdin.write("you\n");
  say("typed", [await line(), await line()]);
  say("first size", await line());
  Object.assign(stdout, { rows: 40, columns: 100 }).emit("resize");
  say("second size", await line());
  say("exit", (await status).details.causes[0].message);
});
process.exit();
