/** Applies the four bytes of a mask in place, four bytes at a time where memory allows it. */
export function unmask(bytes: Buffer, mask: Uint8Array): void {
  const { buffer, byteOffset, byteLength } = bytes;
  if (byteLength < 8) {
    unmaskBytes(bytes, mask, 0, byteLength);
    return;
  }
  const lead = -byteOffset & 3;
  const words = new Int32Array(buffer, byteOffset + lead, (byteLength - lead) >>> 2);
  const tail = lead + words.length * 4;
  // The mask as the first whole word meets it, in this machine's order of bytes.
  const turned = Uint8Array.of(
    mask[lead & 3] ?? 0,
    mask[(lead + 1) & 3] ?? 0,
    mask[(lead + 2) & 3] ?? 0,
    mask[(lead + 3) & 3] ?? 0,
  );
  const [word = 0] = new Int32Array(turned.buffer);
  unmaskBytes(bytes, mask, 0, lead);
  for (let index = 0; index < words.length; index++) words[index] = (words[index] ?? 0) ^ word;
  unmaskBytes(bytes, mask, tail, byteLength);
}

function unmaskBytes(bytes: Buffer, mask: Uint8Array, start: number, end: number): void {
  for (let index = start; index < end; index++) bytes[index] = (bytes[index] ?? 0) ^ (mask[index & 3] ?? 0);
}
