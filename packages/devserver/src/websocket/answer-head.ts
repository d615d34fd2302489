const endOfHead = "\r\n\r\n";

/** What stands before the bytes of a session. */
export interface AnswerHead {
  /** The status line and the headers. */
  readonly text: string;
  /** How many bytes of the last piece still belong to it. */
  readonly byteLength: number;
}

/** Reads the head of an answer piece by piece; undefined until it is whole. */
export function createHeadReader(): (piece: Buffer) => AnswerHead | undefined {
  let before = "";
  return (piece) => {
    const text = before + piece.toString("latin1");
    const end = text.indexOf(endOfHead);
    if (end >= 0) return { text: text.slice(0, end), byteLength: end + endOfHead.length - before.length };
    before = text;
    return undefined;
  };
}

/** The subprotocol that an answer has chosen; empty when it has chosen none. */
export function subprotocolOf({ text }: AnswerHead): string {
  const [, subprotocol = ""] = /^sec-websocket-protocol: (.*)$/im.exec(text) ?? [];
  return subprotocol.trim();
}

/** The same of an answer that goes on in SPDY. */
export function spdyProtocolOf({ text }: AnswerHead): string {
  const [, protocol = ""] = /^x-stream-protocol-version: (.*)$/im.exec(text) ?? [];
  return protocol.trim();
}
