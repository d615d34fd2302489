import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { Log } from "@kubernetes/client-node";
import { api, config, namespace, say, withPod } from "./cluster.mjs";

// The log of a container, from before its end to its end.

const command = ["sh", "-c", "for i in 1 2 3; do echo line $i; sleep 0.2; done; printf 'no end'"];

await withPod("logs", command, async (name) => {
  const output = new PassThrough();
  await new Log(config).log(namespace, name, "main", output, { follow: true });
  for await (const line of createInterface({ input: output })) say("line", line);
  say("tail", await api.readNamespacedPodLog({ namespace, name, tailLines: 1 }));
});
process.exit();
