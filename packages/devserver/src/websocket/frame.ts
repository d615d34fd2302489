/** RFC 6455, 5.2; the numbers between are reserved. */
export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** One frame as it was on the wire, its payload unmasked. */
export interface Frame {
  readonly fin: boolean;
  /** The three reserved bits, the first as 4. */
  readonly reserved: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: Buffer;
}

/** Opcodes from 8 on are control frames: short, whole, and allowed between the fragments of a message. */
export function isControl(opcode: number): boolean {
  return opcode >= opcodes.close;
}

export const longestControlBytes = 125;

/** The longest payload of a frame that servers of Kubernetes take, its channel included. */
export const longestPayloadBytes = 33_554_432;

/** What stands before the payload of a frame that is whole and not masked, as servers send them. */
export function encodeFrameHead(opcode: number, payloadBytes: number): Buffer {
  const first = 0x80 | opcode;
  if (payloadBytes < 126) return Buffer.from([first, payloadBytes]);
  if (payloadBytes < 65_536) return Buffer.from([first, 126, payloadBytes >>> 8, payloadBytes & 0xff]);
  const head = Buffer.alloc(10);
  head[0] = first;
  head[1] = 127;
  head.writeUIntBE(payloadBytes, 4, 6);
  return head;
}

/** The payload of a Close frame. */
export function encodeClose(code: number, reason = ""): Buffer {
  return Buffer.concat([Buffer.of(code >>> 8, code & 0xff), Buffer.from(reason)]);
}
