import {
  Channel,
  capabilitiesOf,
  encodeBase64Frame,
  encodeFrame,
  encodeResize,
  type TerminalSize,
} from "@podwire/codec";
import type { Connection } from "@podwire/transport";

/**
 * Sends a terminal's size before anything else. A process that is attached to, and has that size already, would not
 * draw its screen again: it gets another size first, as from kubectl.
 */
export function sendInitialSize(connection: Connection, kind: "attach" | "exec", size: TerminalSize): void {
  const encode = capabilitiesOf(connection.protocol)?.encoding === "base64" ? encodeBase64Frame : encodeFrame;
  const sizes = kind === "attach" ? [{ width: other(size.width), height: other(size.height) }, size] : [size];
  for (const one of sizes) connection.send(encode(Channel.Resize, encodeResize(one)));
}

function other(cells: number): number {
  return cells < 65_535 ? cells + 1 : cells - 1;
}
