import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import { isOpenToAll } from "./rest/routes.ts";
import { type Refusal, refusal } from "./status.ts";

const bearerPrefix = "base64url.bearer.authorization.k8s.io.";

/** A token that nobody guesses. */
export function newToken(): string {
  return randomBytes(24).toString("base64url");
}

/** Who may use the server. */
export interface Access {
  /** The refusal of a request that must not be answered; undefined when it may. */
  check(request: IncomingMessage): Refusal | undefined;
  /** The same, whatever token it has or not: for who has shown otherwise that he may. */
  checkPlace(request: IncomingMessage): Refusal | undefined;
  /** The token that a request carries; undefined when it has none, or one that is malformed. */
  tokenOf(request: IncomingMessage): string | undefined;
  /** The Origin to allow in the answer, when a page of a foreign one may read it. */
  allowedOrigin(request: IncomingMessage): string | undefined;
}

/**
 * Guards a server that runs commands: only its own names as Host (a rebound DNS name is another one), no page of
 * a foreign origin, and one of the tokens that are good now, by header or by subprotocol.
 */
export function createAccess(
  goodTokens: () => readonly string[],
  names: readonly string[],
  allowedOrigins: readonly string[],
): Access {
  const allowedOrigin = ({ headers: { origin } }: IncomingMessage): string | undefined =>
    origin !== undefined && allowedOrigins.includes(origin) ? origin : undefined;
  const isGood = (token: string): boolean => goodTokens().some((good) => sameText(token, good));
  const checkPlace = (request: IncomingMessage): Refusal | undefined => {
    const { host = "", origin } = request.headers;
    if (!names.includes(host.replace(/:\d+$/, "").toLowerCase())) {
      return forbidden(`the Host ${JSON.stringify(host)} is no loopback name and not among allowedHosts`);
    }
    if (origin === undefined || origin === ownOrigin(request) || allowedOrigin(request) !== undefined) {
      return undefined;
    }
    return forbidden(`the Origin ${JSON.stringify(origin)} is not among allowedOrigins`);
  };
  return {
    allowedOrigin,
    checkPlace,
    tokenOf: (request) => tokensOf(request)?.[0],
    check(request) {
      const misplaced = checkPlace(request);
      if (misplaced) return misplaced;
      // A preflight never has the token.
      if (request.method === "OPTIONS" && allowedOrigin(request) !== undefined) return undefined;
      const tokens = tokensOf(request);
      if (tokens === undefined) return unauthorized();
      if (tokens.length === 0 && isOpenToAll(request)) return undefined;
      if (tokens.length === 0)
        return forbidden('User "system:anonymous" has no access: send the bearer token');
      return tokens.every(isGood) ? undefined : unauthorized();
    },
  };
}

/** The origin of a page that this server itself would give out. */
function ownOrigin({ headers: { host }, socket }: IncomingMessage): string {
  return `${socket instanceof TLSSocket ? "https" : "http"}://${host}`;
}

function forbidden(why: string): Refusal {
  return refusal(403, "Forbidden", `forbidden: ${why}`);
}

function unauthorized(): Refusal {
  return refusal(401, "Unauthorized", "Unauthorized");
}

/** Every token the request carries; undefined when one is malformed. */
function tokensOf(request: IncomingMessage): string[] | undefined {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const [scheme = "", token = ""] = authorization.split(" ");
    return scheme.toLowerCase() === "bearer" && token !== "" ? [token] : undefined;
  }
  // As a subprotocol only where subprotocols are offered.
  if (request.headers.upgrade?.toLowerCase() !== "websocket") return [];
  const offered = offeredProtocols(request);
  const bearers = offered.filter((name) => name.startsWith(bearerPrefix) && name !== bearerPrefix);
  if (bearers.length === 0) return [];
  // One token, beside at least one subprotocol that can be chosen.
  if (bearers.length > 1 || offered.length === bearers.length) return undefined;
  const encoded = (bearers[0] ?? "").slice(bearerPrefix.length);
  if (!/^[\w-]+$/.test(encoded)) return undefined;
  const bytes = Buffer.from(encoded, "base64url");
  const token = bytes.toString();
  return Buffer.from(token).equals(bytes) ? [token] : undefined;
}

/** The subprotocols of a request, all header lines together. */
function offeredProtocols(request: IncomingMessage): string[] {
  const { "sec-websocket-protocol": list = "" } = request.headers;
  return list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** Compares without telling by its time how much is right. */
function sameText(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
