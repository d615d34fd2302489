import type { RequestInfo } from "../request-info.ts";
import { isOn } from "../rest/routes.ts";
import type { RuleId } from "./rules.ts";

/** Looks at the messages of one session or port-forward over channels. */
export type CheckMessage = (kind: "text" | "binary", payload: Buffer) => void;

const padded = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const stdin = 0;
const resize = 4;
const closeSignal = 255;

/** `broken` is called with each rule that a message breaks. */
export function createMessageCheck(
  request: RequestInfo,
  subprotocol: string,
  broken: (rule: RuleId) => void,
): CheckMessage {
  const base64 = subprotocol.includes("base64");
  const check =
    request.subresource === "portforward"
      ? createPortCheck(request)
      : createSessionCheck(request, subprotocol);
  return (kind, payload) => {
    if ((kind === "text") !== base64) broken("message-kind");
    // Without a channel it says nothing; it keeps runtimes from taking a session for idle.
    if (payload.byteLength === 0) return;
    const text = payload.toString("latin1", 1);
    if (base64 && !padded.test(text)) {
      broken("base64");
      return;
    }
    const channel = (payload[0] ?? 0) - (base64 ? 0x30 : 0);
    for (const rule of check(channel, base64 ? Buffer.from(text, "base64") : payload.subarray(1)))
      broken(rule);
  };
}

type CheckChannel = (channel: number, bytes: Buffer) => readonly RuleId[];

/** Each port has an even channel for its bytes. */
function createPortCheck({ query }: RequestInfo): CheckChannel {
  const ports = query.getAll("ports").flatMap((list) => list.split(",")).length;
  return (channel) => (channel % 2 === 0 && channel >= 0 && channel < ports * 2 ? [] : ["channel"]);
}

function createSessionCheck({ query }: RequestInfo, subprotocol: string): CheckChannel {
  const isV5 = subprotocol.startsWith("v5.");
  const wantsStdin = isOn(query, "stdin");
  const hasTty = isOn(query, "tty");
  let halfClosed = false;
  return (channel, bytes) => {
    if (channel === stdin) {
      if (bytes.byteLength === 0) return [];
      const found: RuleId[] = wantsStdin ? [] : ["stdin-requested"];
      return halfClosed ? [...found, "after-half-close"] : found;
    }
    if (channel === resize) {
      const found: RuleId[] = hasTty ? [] : ["resize-tty"];
      return isSize(bytes) ? found : [...found, "resize-size"];
    }
    if (channel !== closeSignal || !isV5) return ["channel"];
    const [closed = closeSignal] = bytes;
    halfClosed ||= closed === stdin;
    return bytes.byteLength === 1 && closed <= resize ? [] : ["close-channel"];
  };
}

/** An object that gives a terminal a size that there is. */
export function isSize(bytes: Buffer): boolean {
  try {
    const { Width: width, Height: height } = JSON.parse(bytes.toString());
    return [width, height].every((one) => Number.isInteger(one) && one >= 1 && one <= 65_535);
  } catch {
    return false;
  }
}
