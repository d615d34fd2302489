import { generateKeyPair, randomBytes } from "node:crypto";
import { isIP } from "node:net";
import { promisify } from "node:util";
import type { pki } from "node-forge";

/** What a TLS server needs, and what its clients have to trust; PEM. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const dayMs = 86_400_000;
const validDays = 365;

/**
 * A new certificate authority, whose key is thrown away, and a certificate of it for the names of a server, as in URLs. Strict
 * clients (Python 3.13, macOS) ask for the key identifiers, for usages and for a life of 397 days at most.
 */
export async function createCertificates(names: readonly string[]): Promise<Certificates> {
  // Only a server with TLS needs it.
  const { default: forge } = await import("node-forge");
  const [authorityKeys, serverKeys] = await Promise.all([newKeys(forge.pki), newKeys(forge.pki)]);
  const authority = forge.pki.createCertificate();
  const server = forge.pki.createCertificate();
  const issuer = [{ name: "commonName", value: "devserver CA" }];
  fill(authority, authorityKeys.publicKey, issuer, issuer);
  fill(server, serverKeys.publicKey, [{ name: "commonName", value: "localhost" }], issuer);
  const keyIdentifier = authority.generateSubjectKeyIdentifier().getBytes();
  authority.setExtensions([
    { name: "basicConstraints", cA: true, pathLenConstraint: 0, critical: true },
    { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    { name: "subjectKeyIdentifier" },
    { name: "authorityKeyIdentifier", keyIdentifier },
  ]);
  server.setExtensions([
    { name: "basicConstraints", cA: false, critical: true },
    { name: "keyUsage", digitalSignature: true, keyEncipherment: true, critical: true },
    { name: "extKeyUsage", serverAuth: true },
    { name: "subjectKeyIdentifier" },
    { name: "authorityKeyIdentifier", keyIdentifier },
    {
      name: "subjectAltName",
      altNames: names.map(altNameOf),
    },
  ]);
  for (const one of [authority, server]) one.sign(authorityKeys.privateKey, forge.md.sha256.create());
  return {
    ca: forge.pki.certificateToPem(authority),
    cert: forge.pki.certificateToPem(server),
    key: forge.pki.privateKeyToPem(serverKeys.privateKey),
  };
}

function altNameOf(name: string): { type: 2; value: string } | { type: 7; ip: string } {
  const address = name.replace(/^\[|\]$/g, "");
  return isIP(address) === 0 ? { type: 2, value: name } : { type: 7, ip: address };
}

/** Made by Node, a hundred times as fast as by JavaScript. */
async function newKeys({ privateKeyFromPem, publicKeyFromPem }: typeof pki): Promise<pki.rsa.KeyPair> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  return { privateKey: privateKeyFromPem(privateKey), publicKey: publicKeyFromPem(publicKey) };
}

function fill(
  certificate: pki.Certificate,
  publicKey: pki.PublicKey,
  subject: pki.CertificateField[],
  issuer: pki.CertificateField[],
): void {
  certificate.publicKey = publicKey;
  // Positive, by its first byte: RFC 5280, 4.1.2.2.
  certificate.serialNumber = `01${randomBytes(16).toString("hex")}`;
  // Clocks may differ a little.
  certificate.validity.notBefore = new Date(Date.now() - dayMs / 24);
  certificate.validity.notAfter = new Date(Date.now() + validDays * dayMs);
  certificate.setSubject(subject);
  certificate.setIssuer(issuer);
}
