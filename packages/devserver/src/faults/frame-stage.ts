import { encodeClose, encodeFrameHead, isControl, opcodes } from "../websocket/frame.ts";
import { createFrameReader } from "../websocket/frame-reader.ts";
import type { CutBy, FrameFault, StatusFault } from "./fault.ts";

/** A message or control frame on its way to the client. */
interface Outgoing {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** How channels are written: a byte before binary payloads, a digit before base64. */
export type MessageEncoding = "binary" | "base64";

/** Takes what the server writes behind a 101 and answers with what goes out. */
export interface FrameStage {
  /** What comes before the first frame. */
  begin(): Buffer;
  pass(bytes: Buffer): Buffer;
}

const errorChannel = 3;

/** Frame by frame, with what the faults make of each; `cut` is called for what must not go any further. */
export function createFrameStage(
  faults: readonly (FrameFault | StatusFault)[],
  encoding: MessageEncoding,
  cut: (by: CutBy) => void,
): FrameStage {
  // Frames of the server, of whatever length.
  const reader = createFrameReader(Number.MAX_SAFE_INTEGER);
  const message = (channel: number, payload: string | Uint8Array): Outgoing => {
    const bytes = Buffer.from(payload);
    if (encoding === "binary") {
      return { opcode: opcodes.binary, payload: Buffer.concat([Buffer.of(channel), bytes]) };
    }
    const text = String.fromCharCode(0x30 + channel) + bytes.toString("base64");
    return { opcode: opcodes.text, payload: Buffer.from(text) };
  };
  const statusOf = ({ opcode, payload }: Outgoing): Buffer | undefined => {
    if (isControl(opcode) || payload.byteLength < 2) return undefined;
    if (encoding === "binary") return payload[0] === errorChannel ? payload.subarray(1) : undefined;
    return payload[0] === 0x30 + errorChannel
      ? Buffer.from(payload.toString("latin1", 1), "base64")
      : undefined;
  };

  /** The frames that one becomes. */
  const changed = (frame: Outgoing, fault: FrameFault | StatusFault): readonly Outgoing[] => {
    if (fault.kind === "duplicate") return isControl(frame.opcode) ? [frame] : [frame, frame];
    if (fault.kind === "close" && fault.afterFrames === undefined && frame.opcode === opcodes.close) {
      return [closeOf(fault)];
    }
    const status = fault.kind === "status" ? statusOf(frame) : undefined;
    if (fault.kind !== "status" || !status) return [frame];
    const payloads =
      "payloads" in fault
        ? fault.payloads
        : [status.subarray(0, fault.splitAfterBytes), status.subarray(fault.splitAfterBytes)];
    return payloads.map((payload) => message(errorChannel, payload));
  };

  let count = 0;
  let over = false;
  /** What comes behind so many frames. */
  const behind = (): Outgoing[] => {
    const added: Outgoing[] = [];
    for (const fault of faults) {
      if (over) break;
      if (fault.kind === "message" && (fault.afterFrames ?? 1) === count) {
        added.push(message(fault.channel, fault.payload));
      } else if (fault.kind === "empty-message" && (fault.afterFrames ?? 1) === count) {
        added.push({
          opcode: encoding === "binary" ? opcodes.binary : opcodes.text,
          payload: Buffer.alloc(0),
        });
      } else if (fault.kind === "cut" && fault.afterFrames === count) {
        over = true;
        cut(fault.by);
      } else if (fault.kind === "close" && fault.afterFrames === count) {
        over = true;
        added.push(closeOf(fault));
        cut("fin");
      }
    }
    return added;
  };
  const take = (frame: Outgoing): Outgoing[] => {
    let frames: readonly Outgoing[] = [frame];
    for (const fault of faults) frames = frames.flatMap((one) => changed(one, fault));
    const out: Outgoing[] = [];
    for (const one of frames) {
      if (over) break;
      out.push(one);
      if (isControl(one.opcode)) continue;
      count += 1;
      out.push(...behind());
    }
    return out;
  };

  return {
    begin: () => encoded(behind()),
    pass(bytes) {
      reader.push(bytes);
      const out: Outgoing[] = [];
      for (let frame = reader.read(); frame && frame !== "too long" && !over; frame = reader.read()) {
        out.push(...take(frame));
      }
      return encoded(out);
    },
  };
}

function encoded(frames: readonly Outgoing[]): Buffer {
  return Buffer.concat(
    frames.flatMap(({ opcode, payload }) => [encodeFrameHead(opcode, payload.byteLength), payload]),
  );
}

function closeOf({ code, reason = "" }: Extract<FrameFault, { kind: "close" }>): Outgoing {
  return { opcode: opcodes.close, payload: code === "none" ? Buffer.alloc(0) : encodeClose(code, reason) };
}
