import { once } from "node:events";
import { PassThrough } from "node:stream";
import { Log, PortForward } from "@kubernetes/client-node";
import { config, namespace, say, withPod } from "./cluster.mjs";

// A Pod's port, and one on which nobody listens.

const [port, closed] = [process.env.PODWIRE_PORT, process.env.PODWIRE_CLOSED_PORT].map(Number);

await withPod("forward", JSON.parse(process.env.PODWIRE_PORT_COMMAND), async (name) => {
  const log = new PassThrough();
  await new Log(config).log(namespace, name, "main", log, { follow: true });
  // Its first line says that it listens.
  await once(log, "data");

  const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const socket = await new PortForward(config).portForward(namespace, name, [port], output, errors, input);
  const payload = "0123456789abcdef".repeat(4096);
  input.write(payload);
  let echoed = "";
  for await (const chunk of output) {
    echoed += chunk;
    if (echoed.length >= payload.length) break;
  }
  say("echo", echoed === payload);
  socket.close();

  const refusal = new PassThrough();
  await new PortForward(config).portForward(
    namespace,
    name,
    [closed],
    new PassThrough(),
    refusal,
    new PassThrough(),
  );
  for await (const chunk of refusal) {
    if (chunk.length > 0) say("closed port", chunk.toString().includes("refused"));
    if (chunk.length > 0) break;
  }
});
process.exit();
