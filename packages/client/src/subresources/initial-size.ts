import {
  Channel,
  capabilitiesOf,
  encodeBase64Frame,
  encodeFrame,
  encodeResize,
  type TerminalSize,
} from "@podwire/codec";
import type { Connection } from "@podwire/transport";

/** Sends a terminal's size before anything else. */
export function sendInitialSize(connection: Connection, kind: "attach" | "exec", size: TerminalSize): void {
  const encode = capabilitiesOf(connection.protocol)?.encoding === "base64" ? encodeBase64Frame : encodeFrame;
  for (const one of firstSizes(kind, size)) connection.send(encode(Channel.Resize, encodeResize(one)));
}

/**
 * What a terminal is told at first. A process that is attached to, and has that size already, would not draw its screen
 * again: it gets another size before, as from kubectl.
 */
export function firstSizes(kind: "attach" | "exec", size: TerminalSize): readonly TerminalSize[] {
  return kind === "attach" ? [{ width: other(size.width), height: other(size.height) }, size] : [size];
}

function other(cells: number): number {
  return cells < 65_535 ? cells + 1 : cells - 1;
}
