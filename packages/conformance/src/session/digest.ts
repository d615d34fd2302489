/** SHA-256 of bytes that come in pieces. */
export interface Digest {
  update(piece: Uint8Array): void;
  hex(): Promise<string>;
}

/** Keeps the pieces until the end, because what pages and Node have in common takes no pieces. */
export function createDigest(): Digest {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  return {
    update(piece) {
      pieces.push(piece.slice());
    },
    async hex() {
      const hash = await crypto.subtle.digest("SHA-256", await new Blob(pieces).arrayBuffer());
      return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
    },
  };
}

/** So many bytes of a text that is repeated. */
export function repeated(text: string, length: number): Uint8Array {
  const bytes = new TextEncoder().encode(text.repeat(Math.ceil(length / text.length)));
  return bytes.subarray(0, length);
}
