import type { IncomingMessage } from "node:http";
import type { Credential } from "../connection.ts";
import type { RefusedUpgrade } from "../errors.ts";
import { refusalLimitBytes, refusalTimeoutMs, refusedUpgrade } from "../refused-upgrade.ts";

const lookAgainMs = 20;

/** Reads what a server said instead of 101, to a limit of bytes and of time, whatever comes first. */
export function readRefusal(
  response: IncomingMessage,
  credential: Credential | undefined,
): Promise<RefusedUpgrade> {
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(deadline);
      const headers = Object.entries(response.headers).map(
        ([name, value = ""]) => [name, Array.isArray(value) ? value.join(", ") : value] as const,
      );
      resolve(refusedUpgrade(response.statusCode ?? 0, headers, Buffer.concat(chunks), credential));
    };
    // A program that was busy runs its late timers before it reads: what lies there by then is looked for once more.
    let deadline = setTimeout(() => {
      deadline = setTimeout(finish, lookAgainMs);
    }, refusalTimeoutMs);
    response.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.byteLength;
      if (length >= refusalLimitBytes) finish();
    });
    response.once("end", finish);
    response.once("error", finish);
    response.once("close", finish);
  });
}
