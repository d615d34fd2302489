const encoder = new TextEncoder();

/** A message in the two forms there are, whichever the platform chose; undefined for what is no message. */
export function messageOf(data: unknown): Uint8Array | string | undefined {
  if (typeof data === "string") return data;
  // A stand-in for the platform's WebSocket may hand out views.
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return isBuffer(data) ? new Uint8Array(data) : undefined;
}

/** Also one of another realm. */
function isBuffer(data: unknown): data is ArrayBuffer {
  return Object.prototype.toString.call(data) === "[object ArrayBuffer]";
}

/** Throws TypeError for what is no message: platforms send its text, such as "[object Blob]". */
export function checkMessage(data: unknown): void {
  if (typeof data === "string" || ArrayBuffer.isView(data)) return;
  throw new TypeError("a message must be a string or a Uint8Array");
}

/** Bytes that a message takes on the wire. */
export function byteLengthOf(message: Uint8Array | string): number {
  return typeof message === "string" ? encoder.encode(message).byteLength : message.byteLength;
}
