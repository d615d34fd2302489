import type { Served } from "./serve.ts";
import { type RawSession, statusOver, v5 } from "./sessions.ts";

/** All messages of a session, in hex. */
export const hexOf = ({ messages }: RawSession): string[] => messages.map((one) => one.toString("hex"));
/** The status of a command that has succeeded. */
export const successOver = (protocol: string): string =>
  Buffer.from(`\x03${statusOver(protocol, '"status":"Success"')}`).toString("hex");
export const success = successOver(v5);

/** Resolves when what the client sends, or reads, has come to a stop: nothing moves over many exchanges. */
export async function expectIdle({ requests }: Served, session: RawSession): Promise<void> {
  let before = "";
  for (let still = 0; still < 30; ) {
    await requests.send("GET", "/version");
    const now = `${session.socket.bufferedAmount} ${session.messages.length}`;
    still = now === before ? still + 1 : 0;
    before = now;
  }
}
