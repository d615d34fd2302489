import type { Dial } from "./connection.ts";
import { nodeDial } from "./node/dial.ts";
import { createFileSpool } from "./node/file-spool.ts";
import type { CreateSpool } from "./spool.ts";

export * from "./contract.ts";
export type { NodeDialOptions } from "./node/options.ts";
export type { CreateSpool, Spool } from "./spool.ts";
export { nodeDial };

/** Opens a WebSocket with what this platform has: `ws`. */
export const dial: Dial = nodeDial;

/** Makes a place outside memory, if this platform has one: a temporary file. */
export const createSpool: CreateSpool | undefined = createFileSpool;
