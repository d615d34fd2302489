import { attach } from "@podwire/client";
import { dial } from "@podwire/transport/isomorphic";

/** Attaches to a process that is quiet, and leaves; for whoever drives the page. */
async function converse(server: string, token: string): Promise<string> {
  const session = await attach({ server, token, dial }, "web-0");
  await session.close();
  const { kind } = await session.exited;
  return `${session.protocol} ${kind}`;
}

Object.assign(globalThis, { converse });
