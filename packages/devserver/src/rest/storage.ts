import { refusal } from "../status.ts";

/** The largest request that an etcd takes, as it is set up by default. */
const longestRequestBytes = 1_572_864;
/** What its client does not even send. */
const longestMessageBytes = 2_097_152;

/** An object and the bytes of its JSON, which are counted once. */
export interface Sized<T> {
  readonly object: T;
  readonly byteLength: number;
}

export function sized<T extends object>(object: T): Sized<T> {
  return { object, byteLength: Buffer.byteLength(JSON.stringify(object)) };
}

export function isTooLarge({ byteLength }: Sized<object>): boolean {
  return byteLength > longestRequestBytes;
}

/** Throws the refusal of an object that an etcd would not take; sizes are those of JSON, which is longer than theirs. */
export function checkStorable({ byteLength: bytes }: Sized<object>, freeBytes: number): void {
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
