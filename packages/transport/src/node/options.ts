import type { DialOptions } from "../connection.ts";

/** What Node can do beyond every other platform: TLS and agents. PEM texts, or the bytes of them. */
export interface NodeDialOptions extends DialOptions {
  /** Certificate authorities to trust instead of the built-in ones. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[];
  /** Client certificate chain. */
  readonly cert?: string | Uint8Array;
  /** Private key of the client certificate. */
  readonly key?: string | Uint8Array;
  /** Passphrase of the private key. */
  readonly passphrase?: string;
  /** Name to ask for and to check the certificate against; the URL's host by default. */
  readonly servername?: string;
  /** False trusts any certificate: for experiments on your own machine only. */
  readonly rejectUnauthorized?: boolean;
  /** An `http.Agent` or `https.Agent`, such as one that goes through a proxy. */
  readonly agent?: object;
}

/** The options of `tls.connect` that were given; nothing is undefined in it. */
export function tlsOptionsOf(options: NodeDialOptions) {
  const { ca, cert, key, passphrase, servername, rejectUnauthorized } = options;
  return {
    // The API server would rather speak HTTP/2, which carries no upgrade.
    ALPNProtocols: ["http/1.1"],
    ...(ca !== undefined && { ca: isList(ca) ? ca.map(pem) : pem(ca) }),
    ...(cert !== undefined && { cert: pem(cert) }),
    ...(key !== undefined && { key: pem(key) }),
    ...(passphrase !== undefined && { passphrase }),
    ...(servername !== undefined && { servername }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
  };
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

function pem(value: string | Uint8Array): string | Buffer {
  return typeof value === "string" ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
