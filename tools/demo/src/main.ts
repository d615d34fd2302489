import { parseArgs } from "node:util";
import { Api, createClient, Pod } from "@podwire/client";
import { createDevServer } from "@podwire/devserver";
import { loadKubeconfig } from "@podwire/kubeconfig";

const usage = `usage: pnpm demo [--kubeconfig FILE] [--context NAME] [--namespace NAME] [--image NAME]

Creates a Pod, attaches to its running process, talks to it, half-closes its stdin, reports the end and deletes
the Pod. Without --kubeconfig it does so on the embedded devserver, whose pods are local processes.
`;

const { values: flags } = parseArgs({
  options: {
    kubeconfig: { type: "string" },
    context: { type: "string" },
    namespace: { type: "string" },
    image: { type: "string", default: "busybox:1.36" },
    help: { type: "boolean", default: false },
  },
});

let step = 0;
function say(text: string): void {
  step += 1;
  console.log(`${step}. ${text}`);
}

async function connect() {
  if (flags.kubeconfig !== undefined) {
    const config = await loadKubeconfig({
      path: flags.kubeconfig,
      ...(flags.context !== undefined && { context: flags.context }),
    });
    say(`Using the Kubernetes API server at ${new URL(config.server).origin}, from the kubeconfig file.`);
    return { config, stop: async () => {} };
  }
  const server = await createDevServer();
  say(`Started devserver, a Kubernetes API server in this process, at ${server.url}.`);
  return { config: server.config, stop: () => server.close() };
}

async function main(): Promise<void> {
  const { config, stop } = await connect();
  const client = createClient(config);
  const namespace = flags.namespace ?? client.namespace;
  const pods = new Api(Pod, { client, namespace });
  try {
    const pod = await pods.create({
      metadata: { generateName: "example-attach-" },
      spec: {
        containers: [
          {
            name: "main",
            image: flags.image,
            command: ["sh", "-c", 'while IFS= read -r line; do printf "echo: %s\\n" "$line"; done'],
            stdin: true,
          },
        ],
        terminationGracePeriodSeconds: 1,
      },
    });
    const { name } = pod.metadata;
    say(
      `Created Pod ${name} (${flags.image}) in namespace ${namespace}: a shell loop that echoes its stdin.`,
    );
    try {
      await pods.waitFor(name, ({ status }) => status?.phase === "Running");
      say("The Pod is running.");
      await using session = await pods.attach.stream(name, { stdin: true });
      say(`Attached to container ${session.container} over ${session.protocol}.`);
      await session.stdin.write("hello\n");
      say('Wrote "hello".');
      const { match } = await session.stdout.until(/echo: .*/, { timeoutMs: 10_000 });
      say(`It answered "${match}".`);
      await session.closeStdin();
      say("Half-closed stdin.");
      const exit = await session.exited;
      if (exit.kind === "detached")
        say("The session ended: detached, and the process runs on (stdinOnce is not set).");
      else if (exit.kind === "exited") say(`The session ended: the process exited with code ${exit.code}.`);
      else
        throw new Error(`the session ended unexpectedly: ${exit.kind}`, {
          cause: "error" in exit ? exit.error : exit,
        });
    } finally {
      await pods.delete(name);
      say(`Deleted Pod ${name}.`);
    }
  } finally {
    await client.close();
    await stop();
  }
}

if (flags.help) console.log(usage);
else await main();
