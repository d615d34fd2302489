import type { IncomingMessage } from "node:http";
import type { Traits } from "../personality.ts";
import { base64Encoding, binaryEncoding, type Encoding } from "./encoding.ts";
import type { StatusAuthor } from "./session-status.ts";

/** What a subprotocol of channels makes of a session. */
export interface Subprotocol {
  /** As it is echoed; empty where none was offered. */
  readonly name: string;
  readonly encoding: Encoding;
  /** The version: 1 says failures in plain text, 4 and 5 everything as a Status; 5 can close a channel. */
  readonly version: 1 | 4 | 5;
  /** Who writes the status that a session ends with. */
  readonly author: StatusAuthor;
}

/** Who speaks with the client: a runtime through an API server, with whoever translates v5 for it, or a runtime itself. */
export type Speaker = Traits["translator"] | "runtime";

/** The runtime that speaks v4 and older protocols: since Kubernetes 1.36, one as new as it. */
export function runtimeOf(speaker: Speaker): StatusAuthor {
  return speaker === "runtime" || speaker === "kubelet" ? "containerd" : "runtime";
}

const v5: Subprotocol = {
  name: "v5.channel.k8s.io",
  encoding: binaryEncoding,
  version: 5,
  author: "translator",
};
const author = "runtime";
const none: Subprotocol = { name: "", encoding: binaryEncoding, version: 1, author };
const v4: Subprotocol = { name: "v4.channel.k8s.io", encoding: binaryEncoding, version: 4, author };
const v4Base64: Subprotocol = {
  name: "v4.base64.channel.k8s.io",
  encoding: base64Encoding,
  version: 4,
  author,
};

/** Those of runtimes for exec and attach; v2 and v3 exist over SPDY only. */
const sessions: readonly Subprotocol[] = [
  v4,
  v4Base64,
  { name: "channel.k8s.io", encoding: binaryEncoding, version: 1, author },
  { name: "base64.channel.k8s.io", encoding: base64Encoding, version: 1, author },
];

/**
 * The subprotocol of an exec or attach: v5, where it is spoken, wherever it stands in the client's list; else the first that runtimes
 * know, and none where none is offered; undefined when there is none to choose. Names are case-sensitive.
 */
export function sessionSubprotocolOf(request: IncomingMessage, speaker: Speaker): Subprotocol | undefined {
  const offered = firstOffers(request);
  const hasV5 = speaker === "api-server" || speaker === "kubelet";
  if (hasV5 && offered.includes(v5.name)) return v5;
  const found = firstOf(offered, sessions);
  return found && { ...found, author: runtimeOf(speaker) };
}

/** The subprotocol of a port-forward over channels, where v4 means something else. */
export function portSubprotocolOf(request: IncomingMessage): Subprotocol | undefined {
  return firstOf(firstOffers(request), [v4, v4Base64]);
}

export const tunnelPrefix = "SPDY/3.1+";

/** The protocols of SPDY that a request offers to speak in a tunnel; only where the first line has one. */
export function tunnelOffersOf(request: IncomingMessage): readonly string[] {
  if (!firstOffers(request).some(isTunnel)) return [];
  return offersOf(request)
    .filter(isTunnel)
    .map((name) => name.slice(tunnelPrefix.length));
}

function isTunnel(name: string): boolean {
  return name.startsWith(tunnelPrefix) && name.endsWith(".k8s.io");
}

/** All names that a request offers, in all its header lines. */
function offersOf({ headersDistinct }: IncomingMessage): string[] {
  return namesOf((headersDistinct["sec-websocket-protocol"] ?? []).join(","));
}

/** Of several header lines servers read the first, unless they took a token out of them and joined the rest. */
function firstOffers(request: IncomingMessage): string[] {
  const { headers, headersDistinct } = request;
  if (headers.authorization === undefined) return offersOf(request);
  return namesOf(headersDistinct["sec-websocket-protocol"]?.[0] ?? "");
}

function namesOf(list: string): string[] {
  return list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

function firstOf(offered: readonly string[], known: readonly Subprotocol[]): Subprotocol | undefined {
  if (offered.length === 0) return none;
  for (const offer of offered) {
    const found = known.find(({ name }) => name === offer);
    if (found) return found;
  }
  return undefined;
}
