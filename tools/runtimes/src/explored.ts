import type { ContainerProgram } from "@podwire/devserver";

export const floodBytes = 8 * 1024 * 1024;

/** What the explored container does: greets whoever attaches, and has commands that count, tell sizes and flood. */
export const explored: ContainerProgram = async ({ args: [command], exec, stdin, stdout, size }) => {
  if (!exec) {
    for await (const line of stdin) await stdout.write(`hello ${new TextDecoder().decode(line)}`);
    return 7;
  }
  if (command === "flood") {
    await stdout.write(new Uint8Array(floodBytes));
    return 0;
  }
  let count = 0;
  for await (const chunk of stdin) {
    count += chunk.byteLength;
    const { width = 0, height = 0 } = size() ?? {};
    if (command === "sizes") await stdout.write(`${width}x${height}\r\n`);
  }
  if (command === "count") await stdout.write(`${count}\n`);
  return 3;
};
