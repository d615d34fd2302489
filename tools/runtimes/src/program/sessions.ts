import { Api, createClient, Pod } from "@podwire/client";
import { codeOf } from "./outcome.ts";
import type { Access, SessionsReport } from "./report.ts";

type Pods = Api<Pod>;

const limits = { timeoutMs: 10_000 };

/** Uses a container as programs do. */
export async function exploreSessions({ server, token }: Access): Promise<SessionsReport> {
  const pods = new Api(Pod, { client: createClient({ server, token }) });
  const { metadata } = await pods.create({
    metadata: { generateName: "explored-" },
    spec: {
      restartPolicy: "Never",
      containers: [{ name: "main", image: "explored", stdin: true, stdinOnce: true }],
    },
  });
  const { name } = metadata;
  const attached = await pods.attach.stream(name, { stdin: true });
  await attached.stdin.write("world\n");
  const { match } = await attached.stdout.until(/hello .*/, limits);

  const counted = await pods.exec.run(name, { command: ["count"], stdin: "12345" });
  const missing = await pods.exec.run("missing", { command: ["count"], readPod: false }).then(String, codeOf);
  const sizes = await sizesOf(pods, name);
  const spooled = await spooledOf(pods, name).catch(codeOf);

  await attached.closeStdin();
  const exit = await attached.exited;
  return {
    attached: `${match}, ${exit.kind} ${"code" in exit ? exit.code : ""}`,
    counted: `${counted.stdout.text().trim()}, exited ${counted.exitCode}`,
    sizes,
    missing,
    spooled,
  };
}

async function sizesOf(pods: Pods, name: string): Promise<readonly string[]> {
  const tty = { width: 100, height: 30 };
  const session = await pods.exec.stream(name, { command: ["sizes"], stdin: true, tty });
  await session.stdin.write("?\n");
  const first = await session.stdout.until(/100x30/, limits);
  session.resize(132, 43);
  await session.stdin.write("?\n");
  const second = await session.stdout.until(/132x43/, limits);
  await session.close();
  return [first.match, second.match];
}

async function spooledOf(pods: Pods, name: string): Promise<number> {
  const session = await pods.exec.stream(name, { command: ["flood"], overflow: "spool" });
  await session.exited;
  return (await session.stdout.bytes()).byteLength;
}
