import { Api, createClient, exec, Pod } from "@podwire/client";
import { Channel, decodeFrame, encodeFrame } from "@podwire/codec";
import { dial } from "@podwire/transport";
import { dial as dialInPage } from "@podwire/transport/browser";
import { PodAddon } from "@podwire/xterm";
import { Terminal } from "@xterm/xterm";

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
  const shown = await show(server, token);
  const { payload } = decodeFrame(encodeFrame(Channel.Stdout, new TextEncoder().encode("framed")));
  return `${answer} ${exit.kind} ${"code" in exit ? exit.code : ""}, ${shown}, ${new TextDecoder().decode(payload)}`;
}

/** The first two lines of a terminal with another one, in few bytes. */
async function show(server: string, token: string): Promise<string> {
  const command = ["sh", "-c", "echo shown; exit 4"];
  const session = await exec({ server, token, dial: dialInPage }, "web-0", { command, tty: true });
  const terminal = new Terminal();
  terminal.open(document.body);
  const addon = new PodAddon(session);
  terminal.loadAddon(addon);
  await addon.ended;
  return [0, 1].map((y) => terminal.buffer.active.getLine(y)?.translateToString(true)).join(" ");
}

Object.assign(globalThis, { converse });
