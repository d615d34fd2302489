import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { KubeconfigError } from "./errors.ts";
import { readText } from "./files.ts";
import type { Pem } from "./kubeconfig.ts";
import type { ResolvedContext } from "./resolve.ts";

/** What TLS needs, in the words of `node:tls`; kept in closures only, for its key. */
export interface TlsOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: false;
}

/** Reads the certificates and the key of a context and checks that they are what they should be. */
export async function readTlsOptions(context: ResolvedContext): Promise<TlsOptions> {
  const { certificateAuthority, clientCertificate } = context;
  const [ca, cert, key] = await Promise.all([
    certificateAuthority && readPem(certificateAuthority, "the certificate authority"),
    clientCertificate && readPem(clientCertificate.certificate, "the client certificate"),
    clientCertificate && readPem(clientCertificate.key, "the client key"),
  ]);
  if (ca !== undefined) checkCertificates(ca, "the certificate authority");
  if (cert !== undefined) checkCertificates(cert, "the client certificate");
  if (cert !== undefined && key !== undefined) checkKey(cert, key);
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(context.tlsServerName !== undefined && { servername: context.tlsServerName }),
    ...(context.insecureSkipTlsVerify && { rejectUnauthorized: false }),
  };
}

async function readPem(pem: Pem, what: string): Promise<string> {
  return "data" in pem ? pem.data.reveal() : readText(pem.path, what);
}

/** OpenSSL takes an authority without any certificate in silence, and then trusts nobody. */
function checkCertificates(pem: string, what: string): void {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g);
  if (blocks === null) throw badCertificate(`${what} has no PEM certificate`);
  for (const [index, block] of blocks.entries()) {
    try {
      new X509Certificate(block);
    } catch {
      throw badCertificate(`certificate ${index + 1} of ${what} cannot be decoded`);
    }
  }
}

/** No cause is kept: what a failed decoder was given is the key. */
function checkKey(cert: string, key: string): void {
  if (/^-----BEGIN ENCRYPTED |^Proc-Type: .*ENCRYPTED/m.test(key)) {
    throw badCertificate("the client key is encrypted, and a kubeconfig has no passphrase");
  }
  try {
    createPrivateKey(key);
  } catch {
    throw badCertificate("the client key cannot be decoded");
  }
  try {
    createSecureContext({ cert, key });
  } catch {
    throw badCertificate("the client key does not belong to the client certificate");
  }
}

function badCertificate(message: string): KubeconfigError {
  return new KubeconfigError("BAD_CERTIFICATE", message);
}
