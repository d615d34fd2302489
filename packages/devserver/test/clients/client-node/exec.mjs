import { Readable } from "node:stream";
import { say, withPod } from "./cluster.mjs";
import { run } from "./command.mjs";

// Commands in a container: their outputs, their exit codes, their input to its end.

await withPod("exec", ["sleep", "1000"], async (name) => {
  say("success", await run(name, ["echo", "out"]));
  say("failure", await run(name, ["sh", "-c", "echo out; echo err >&2; exit 3"]));
  const input = Readable.from(Array(16).fill("0123456789abcdef".repeat(1024)));
  say("input", await run(name, ["wc", "-c"], input));
  const [output] = await run(name, ["sh", "-c", "yes 0123456 | head -c 1048576; echo ."]);
  say("output", output.length);
  const refusal = await run(`${name}-none`, ["true"]).catch((error) => error);
  say("missing", refusal.message);
});
process.exit();
