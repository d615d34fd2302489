import { type Dial, dial, TransportError } from "@podwire/transport";
import { meansOf } from "./means.ts";
import { type Opened, open, visit } from "./opened.ts";
import { codeOf, outcomeOf } from "./outcome.ts";
import type { Access, FloodReport, RefusalReport, RuntimeReport } from "./report.ts";

const floodBytes = 64 * 1024 * 1024;
const standstillMs = 500;
const longestFloodMs = 60_000;
/** A busy machine answers a Close late. */
const closeTimeoutMs = 30_000;
const credential = {
  authorization: "Bearer of-this-test",
  subprotocol: "base64url.bearer.authorization.k8s.io.b2YtdGhpcy10ZXN0",
};

/** What the fixture server saw of one connection, as far as it matters here. */
interface Seen {
  readonly authorization: string;
  readonly pushedBytes: number;
  readonly closeCode: number;
  readonly ended: number;
}

/** Tries what connections can do. `dialTrusting` dials with an authority of the caller's own, where that can be. */
export async function exploreTransport(
  { transport, secureTransport, ca }: Access,
  dialTrusting: ((ca: string) => Dial) | undefined,
): Promise<Omit<RuntimeReport, "sessions" | "kubeconfig">> {
  const run = crypto.randomUUID();
  const urlOf = (path: string, id = "any") => {
    const url = new URL(path, transport);
    url.searchParams.set("id", `${run}-${id}`);
    return url.href;
  };
  const seenOf = async (id: string): Promise<Seen> => (await fetch(urlOf("/report", id))).json();
  const secureUrl = `${secureTransport}/echo`;

  const echo = await open(dial, urlOf("/echo"));
  const { capabilities } = echo.connection;
  const ping = await pingOf(echo);
  echo.connection.close();
  await echo.ended;

  await outcomeOf(() => visit(dial, urlOf("/echo", "headers"), { headers: { authorization: "Basic own" } }));
  await visit(dial, urlOf("/echo", "credential"), { credential });
  const { authorization } = await seenOf("credential");

  return {
    capabilities,
    ping,
    means: await meansOf(() => visit(dial, urlOf("/echo"))),
    headers: (await seenOf("headers")).authorization === "Basic own",
    credential: authorization === credential.authorization ? "header" : "subprotocol",
    refusal: await refusalOf(() =>
      visit(dial, urlOf("/refuse?status=403&bytes=1000000&stall=1"), { credential }),
    ),
    silence: await outcomeOf(() => visit(dial, urlOf("/silent"), { handshakeTimeoutMs: 200 })),
    abort: await outcomeOf(() => visit(dial, urlOf("/silent"), { signal: AbortSignal.timeout(200) })),
    mismatch: await outcomeOf(() => visit(dial, urlOf("/no-protocol"))),
    unknownAuthority: await outcomeOf(() => visit(dial, secureUrl)),
    givenAuthority: await outcomeOf(dialTrusting && (() => visit(dialTrusting(ca), secureUrl))),
    flood: await floodOf(urlOf(`/flood?bytes=${floodBytes}`, "flood"), () => seenOf("flood")),
    closing: await closingOf(urlOf("/flood?bytes=1000000000")),
  };
}

async function pingOf({ connection, answered }: Opened): Promise<boolean> {
  if (!connection.ping) return false;
  const pong = answered();
  connection.ping();
  await pong;
  return true;
}

async function refusalOf(act: () => Promise<void>): Promise<RefusalReport> {
  const error: unknown = await act().catch((caught: unknown) => caught);
  const response = error instanceof TransportError ? error.response : undefined;
  const { status, headers, body = "" } = response ?? {};
  const shown = JSON.stringify([String(error), headers, body]);
  const secrets = [credential.authorization, credential.authorization.slice(7), credential.subprotocol];
  return {
    code: codeOf(error),
    status,
    hasBody: body.startsWith('{"kind":"Status"'),
    bodyLength: body.length,
    showsCredential: secrets.some((secret) => shown.includes(secret)),
  };
}

async function floodOf(url: string, see: () => Promise<Seen>): Promise<FloodReport> {
  const { connection, ended, readBytes } = await open(dial, url, { closeTimeoutMs }, true);
  // A runtime that cannot wait says when it is enough; until then a busy server may pause as if it waited.
  const seen = connection.capabilities.readBackpressure ? standstill : untilEnded;
  const { pushedBytes } = await seen(see);
  connection.resume();
  const { error } = await ended;
  return {
    sentBytes: floodBytes,
    pushedBytes,
    readBytes: readBytes(),
    code: error?.code ?? "none",
    closeCode: (await untilEnded(see)).closeCode,
  };
}

/** What the server saw in the end, or when that has been the same for a while. */
async function standstill(see: () => Promise<Seen>): Promise<Seen> {
  for (let last = await see(); ; ) {
    if (last.ended > 0) return last;
    await new Promise((resolve) => setTimeout(resolve, standstillMs));
    const now = await see();
    if (now.pushedBytes > 0 && now.pushedBytes === last.pushedBytes) return now;
    last = now;
  }
}

/** What the server saw in the end, or when that has not come for a long time. */
async function untilEnded(see: () => Promise<Seen>): Promise<Seen> {
  const begun = performance.now();
  for (;;) {
    const seen = await see();
    if (seen.ended > 0 || performance.now() - begun > longestFloodMs) return seen;
    await new Promise((resolve) => setTimeout(resolve, standstillMs));
  }
}

async function closingOf(url: string): Promise<RuntimeReport["closing"]> {
  const { connection, ended } = await open(dial, url, { closeTimeoutMs }, true);
  const begun = performance.now();
  connection.close(4321);
  const { code } = await ended;
  return { ms: Math.round(performance.now() - begun), code };
}
