/** A promise about size: this code costs a page at most so many bytes, minified as by Vite and compressed. */
export interface Budget {
  readonly name: string;
  readonly code: string;
  readonly limitBytes: number;
}

export const budgets: readonly Budget[] = [
  {
    name: "codec, two functions",
    code: 'export { decodeFrame, encodeFrame } from "@podwire/codec";',
    limitBytes: 600,
  },
  { name: "codec, everything", code: 'export * from "@podwire/codec";', limitBytes: 2_048 },
  { name: "transport in a page", code: 'export { dial } from "@podwire/transport";', limitBytes: 4_000 },
  {
    name: "attach and exec in a page, with codec and transport",
    code: 'export { attach, exec } from "@podwire/client";',
    limitBytes: 8_192,
  },
  {
    name: "client in a page, with codec and transport",
    code: 'export { Api, createClient, Pod } from "@podwire/client";',
    limitBytes: 23_552,
  },
  { name: "xterm, beside xterm.js", code: 'export * from "@podwire/xterm";', limitBytes: 2_560 },
];
