/** SPDY/3.1, 2.6: the types of control frames that are used here. */
export const frameTypes = {
  synStream: 1,
  synReply: 2,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const;

/** The last frame of its sender in a stream. */
export const finFlag = 1;

/** Why a stream was reset: SPDY/3.1, 2.6.3. */
export const resetStatuses = { protocolError: 1, refusedStream: 3, cancel: 5 } as const;

export type Frame =
  | {
      readonly kind: "control";
      readonly version: number;
      readonly type: number;
      readonly flags: number;
      readonly payload: Buffer;
    }
  | { readonly kind: "data"; readonly streamId: number; readonly flags: number; readonly payload: Buffer };

const controlBit = 0x80;
const version = 3;

/** What stands before the payload of a data frame. */
export function encodeDataHead(streamId: number, flags: number, payloadBytes: number): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(streamId);
  writeFlags(head, flags, payloadBytes);
  return head;
}

export function encodeSynReply(streamId: number, headerBlock: Uint8Array): Buffer {
  return encodeControl(frameTypes.synReply, Buffer.concat([uint32(streamId), headerBlock]));
}

export function encodeReset(streamId: number, status: number): Buffer {
  return encodeControl(frameTypes.reset, Buffer.concat([uint32(streamId), uint32(status)]));
}

export function encodePing(payload: Uint8Array): Buffer {
  return encodeControl(frameTypes.ping, payload);
}

/** Says which stream was the last one that was taken; status 0 is an ordinary end. */
export function encodeGoAway(lastStreamId: number, status = 0): Buffer {
  return encodeControl(frameTypes.goAway, Buffer.concat([uint32(lastStreamId), uint32(status)]));
}

function encodeControl(type: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head[0] = controlBit;
  head[1] = version;
  head.writeUInt16BE(type, 2);
  writeFlags(head, 0, payload.byteLength);
  return Buffer.concat([head, payload]);
}

function writeFlags(head: Buffer, flags: number, payloadBytes: number): void {
  head[4] = flags;
  head.writeUIntBE(payloadBytes, 5, 3);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
