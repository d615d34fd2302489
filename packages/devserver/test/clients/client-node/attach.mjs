import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { Attach } from "@kubernetes/client-node";
import { config, inPhase, namespace, say, withPod } from "./cluster.mjs";

// The program of a container, which ends with its input.

const script = 'while read -r line; do echo "echo: $line"; done; echo bye; exit 4';

const attach = async (name) => {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  await new Attach(config).attach(namespace, name, "main", stdout, null, stdin, false);
  stdin.write("hello\n");
  say("answer", (await lines.next()).value);
  stdin.end();
  say("after the end of the input", (await lines.next()).value);
  say("phase", await inPhase(name, ["Failed"]));
};
await withPod("attach", ["sh", "-c", script], attach, { stdin: true, stdinOnce: true });
process.exit();
