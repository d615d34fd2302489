import { setTimeout as delay } from "node:timers/promises";
import type { ContainerProgram } from "@podwire/devserver";
import { pattern } from "../pattern.ts";

export const frameBytes = 32_768;

/** The commands of the local rows as a program of devserver. */
export const program: ContainerProgram = async ({ args: [name, bytes, ms], exec, stdin, stdout, signal }) => {
  if (!exec) await new Promise((resolve) => signal.addEventListener("abort", resolve));
  else if (name === "download") {
    for (let sent = 0; sent < Number(bytes); sent += frameBytes) {
      const start = sent % pattern.byteLength;
      await stdout.write(pattern.subarray(start, start + frameBytes));
    }
  } else if (name === "upload" || name === "late") {
    if (name === "late") await delay(Number(ms));
    let received = 0;
    for await (const chunk of stdin) {
      received += chunk.byteLength;
      if (received === Number(bytes)) break;
    }
    await stdout.write(String(received));
  } else if (name === "echo") for await (const chunk of stdin) await stdout.write(chunk);
  else throw new RangeError(`no command is named ${name}`);
  return 0;
};
