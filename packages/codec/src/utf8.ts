/** Decodes UTF-8; throws TypeError on anything else, and keeps a byte order mark as the character it is. */
export function createUtf8Decoder(): TextDecoder {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
