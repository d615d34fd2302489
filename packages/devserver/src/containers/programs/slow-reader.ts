import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerContext } from "../scripted.ts";
import { countOf } from "./argument.ts";

const stepMs = 50;

/** Reads its input at a rate, 1,024 bytes a second unless its first argument says another; then says how much it was. */
export async function slowReader({ args: [rate], stdin, stdout, signal }: ContainerContext): Promise<number> {
  const perSecond = rate === undefined ? 1_024 : countOf("a number of bytes a second", rate);
  const stepBytes = Math.max(Math.floor((perSecond * stepMs) / 1_000), 1);
  let total = 0;
  for await (const bytes of stdin) {
    for (let at = 0; at < bytes.byteLength; at += stepBytes) {
      const step = Math.min(stepBytes, bytes.byteLength - at);
      await sleep((step / perSecond) * 1_000, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return 143;
      total += step;
    }
  }
  await stdout.write(`read ${total} bytes\n`);
  return 0;
}
