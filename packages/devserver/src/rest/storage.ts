import { refusal } from "../status.ts";

/** The largest request that an etcd takes, as it is set up by default. */
const longestRequestBytes = 1_572_864;
/** What its client does not even send. */
const longestMessageBytes = 2_097_152;

export function bytesOf(object: object): number {
  return Buffer.byteLength(JSON.stringify(object));
}

export function isTooLarge(object: object): boolean {
  return bytesOf(object) > longestRequestBytes;
}

/** Throws the refusal of an object that an etcd would not take; sizes are those of JSON, which is longer than theirs. */
export function checkStorable(object: object, freeBytes: number): void {
  const bytes = bytesOf(object);
  if (bytes > longestMessageBytes) {
    const sizes = `${bytes} vs. ${longestMessageBytes}`;
    throw refused(
      `rpc error: code = ResourceExhausted desc = trying to send message larger than max (${sizes})`,
    );
  }
  if (bytes > longestRequestBytes) throw refused("etcdserver: request is too large");
  if (bytes > freeBytes) throw refused("etcdserver: mvcc: database space exceeded");
}

/** Without a reason, as an API server passes it on. */
function refused(message: string): Error {
  return refusal(500, "", message);
}
