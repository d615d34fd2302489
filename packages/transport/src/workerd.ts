import type { Dial } from "./connection.ts";
import { fetchDial } from "./fetch-upgrade.ts";
import type { CreateSpool } from "./spool.ts";

export * from "./contract.ts";
export type { CreateSpool, Spool } from "./spool.ts";

/** Opens a WebSocket with what this platform has: its fetch, which sends headers and shows a refusal. */
export const dial: Dial = fetchDial;

/** Makes a place outside memory, if this platform has one: a worker has none. */
export const createSpool: CreateSpool | undefined = undefined;
