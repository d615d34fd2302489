import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cp } from "@kubernetes/client-node";
import { config, namespace, say, until, withPod } from "./cluster.mjs";
import { run } from "./command.mjs";

// Files to a container and back, by tar. Neither promise waits for the copying.

const folder = await mkdtemp(join(tmpdir(), "podwire-copy-"));
const [there, back] = [join(folder, "there"), join(folder, "back")];
const bytes = Buffer.from("0123456789abcdef".repeat(8192));

await withPod("copy", ["sleep", "1000"], async (name) => {
  const copy = new Cp(config);
  await writeFile(there, bytes);
  await copy.cpToPod(namespace, name, "main", folder, ".");
  say(
    "there",
    await until(async () => (await run(name, ["wc", "-c", "there"]))[0] === `${bytes.length} there`),
  );
  await copy.cpFromPod(namespace, name, "main", "there", back);
  const copied = async () => (await readFile(join(back, "there")).catch(() => undefined))?.equals(bytes);
  say("and back", await until(copied));
});
await rm(folder, { recursive: true });
process.exit();
