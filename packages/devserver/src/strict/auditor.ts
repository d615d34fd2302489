import { isUtf8 } from "node:buffer";
import type { Observer } from "../faults/wire.ts";
import type { RequestInfo } from "../request-info.ts";
import { isOn } from "../rest/routes.ts";
import { createHeadReader, spdyProtocolOf, subprotocolOf } from "../websocket/answer-head.ts";
import {
  type Frame,
  isControl,
  longestControlBytes,
  longestPayloadBytes,
  opcodes,
} from "../websocket/frame.ts";
import { createFrameReader } from "../websocket/frame-reader.ts";
import { type CheckMessage, createMessageCheck } from "./messages.ts";
import type { RuleId } from "./rules.ts";
import { createSpdyCheck, type SpdyCheck } from "./spdy.ts";

/** Looks at all that goes over one session; it changes nothing, and the server answers as it does anyway. */
export function createAuditor(request: RequestInfo, broken: (rule: RuleId) => void): Observer {
  if (isOn(request.query, "tty") && isOn(request.query, "stderr")) broken("tty-stderr");
  return request.protocol === "spdy"
    ? createSpdyAuditor(request, broken)
    : createWebSocketAuditor(request, broken);
}

function createSpdyAuditor(request: RequestInfo, broken: (rule: RuleId) => void): Observer {
  const readHead = createHeadReader();
  let check: SpdyCheck | undefined;
  return {
    sent(bytes) {
      if (check) {
        check.sent(bytes);
        return;
      }
      const head = readHead(bytes);
      if (!head) return;
      check = createSpdyCheck(request, spdyProtocolOf(head), broken);
      check.sent(bytes.subarray(head.byteLength));
    },
    received(bytes) {
      if (!check && bytes.byteLength > 0) broken("early");
      // A copy: whoever reads it next may change it.
      check?.push(Buffer.from(bytes));
      return check?.look();
    },
    ended: () => undefined,
    closed: () => check?.close(),
  };
}

function createWebSocketAuditor(request: RequestInfo, broken: (rule: RuleId) => void): Observer {
  const client = createFrameReader(longestPayloadBytes);
  const server = createFrameReader(Number.MAX_SAFE_INTEGER);
  const readHead = createHeadReader();
  let answered = false;
  let checkMessage: CheckMessage | undefined;
  let tunnel: SpdyCheck | undefined;
  let serverClosed = false;
  let clientClosed = false;
  let inMessage = false;
  let unreadable = false;

  const checkFrame = (frame: Frame): void => {
    const { masked, reserved, opcode, fin, payload } = frame;
    if (clientClosed) broken("after-close");
    if (!masked) broken("masked");
    if (reserved !== 0) broken("reserved-bits");
    if (isControl(opcode)) checkControl(frame);
    else if (opcode > opcodes.binary) broken("reserved-opcode");
    else {
      if (!tunnel && (opcode === opcodes.continuation || !fin)) broken("fragment");
      // In a tunnel borders of messages mean nothing, and fragments have their order.
      if (tunnel && (opcode === opcodes.continuation) !== inMessage) broken("fragment");
      inMessage = !fin;
      if (tunnel && opcode === opcodes.text) broken("message-kind");
      tunnel?.push(payload);
      if (opcode !== opcodes.continuation)
        checkMessage?.(opcode === opcodes.text ? "text" : "binary", payload);
    }
  };
  const checkControl = ({ opcode, fin, payload }: Frame): void => {
    if (opcode > opcodes.pong) broken("reserved-opcode");
    if (!fin || payload.byteLength > longestControlBytes) broken("control-frame");
    if (opcode !== opcodes.close) return;
    clientClosed = true;
    if (payload.byteLength > 0 && !isClosePayload(payload)) broken("close-frame");
  };
  const readAnswer = (bytes: Buffer): void => {
    if (answered) server.push(bytes);
    else {
      const head = readHead(bytes);
      if (!head) return;
      answered = true;
      const subprotocol = subprotocolOf(head);
      if (subprotocol.startsWith("SPDY/")) tunnel = createSpdyCheck(request, subprotocol, broken);
      else checkMessage = createMessageCheck(request, subprotocol, broken);
      server.push(bytes.subarray(head.byteLength));
    }
    for (let frame = server.read(); frame && frame !== "too long"; frame = server.read()) {
      if (frame.opcode === opcodes.close) serverClosed = true;
      else if (!isControl(frame.opcode)) tunnel?.sent(frame.payload);
    }
  };

  return {
    sent: readAnswer,
    received(bytes) {
      if (unreadable || bytes.byteLength === 0) return undefined;
      if (!answered) broken("early");
      // A copy: the mask is taken off in place.
      client.push(Buffer.from(bytes));
      for (let frame = client.read(); frame; frame = client.read()) {
        if (frame === "too long") {
          unreadable = true;
          broken("oversize");
          break;
        }
        checkFrame(frame);
      }
      return tunnel?.look();
    },
    ended() {
      // Whoever leaves in a hurry may do without a Close; whoever was told one has to answer.
      if (serverClosed && !clientClosed && !unreadable) broken("close-answer");
    },
    closed: () => tunnel?.close(),
  };
}

/** RFC 6455, 7.4.1 and 7.4.2. */
function isClosePayload(payload: Buffer): boolean {
  if (payload.byteLength < 2 || !isUtf8(payload.subarray(2))) return false;
  const code = payload.readUInt16BE();
  return (
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999)
  );
}
