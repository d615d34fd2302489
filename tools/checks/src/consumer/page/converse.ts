import { Api, createClient, Pod } from "@podwire/client";
import { dial } from "@podwire/transport";

/** Runs a command that shouts its input and exits with 3, over the page's own transport; for whoever drives the page. */
async function converse(server: string, token: string): Promise<string> {
  const pods = new Api(Pod, { client: createClient({ server, token, dial }) });
  const session = await pods.exec.stream("web-0", {
    command: ["sh", "-c", "tr a-z A-Z; exit 3"],
    stdin: true,
  });
  await session.stdin.write("ping");
  await session.closeStdin();
  const answer = await session.stdout.text();
  const exit = await session.exited;
  return `${answer} ${exit.kind} ${"code" in exit ? exit.code : ""}`;
}

Object.assign(globalThis, { converse });
