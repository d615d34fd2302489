import { outputsOf } from "../containers/process.ts";
import type { RunningContainer } from "./running-container.ts";

/** How a command in a container has ended, and what of its outputs counts. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** As much as a kubelet keeps of each output. */
const longestBytes = 10_240;

/**
 * Runs a command beside a container's program until its outputs have ended; killed when the signal is aborted. Rejects
 * with a StartError.
 */
export async function runCommand(
  container: RunningContainer,
  command: readonly string[],
  signal: AbortSignal,
): Promise<CommandResult> {
  const process = await container.exec(command, false, false);
  const kill = (): void => process.kill("SIGKILL");
  signal.addEventListener("abort", kill);
  if (signal.aborted) kill();
  const texts = outputsOf(process).map(async (output) => {
    const kept: Uint8Array[] = [];
    let left = longestBytes;
    try {
      for await (const chunk of output) {
        const bytes = Buffer.from(chunk).subarray(0, left);
        left -= bytes.byteLength;
        if (bytes.byteLength > 0) kept.push(bytes);
      }
    } catch {
      // A process that was killed may break its outputs.
    }
    return Buffer.concat(kept).toString();
  });
  const [{ code }, stdout = "", stderr = ""] = await Promise.all([process.exit, ...texts]);
  signal.removeEventListener("abort", kill);
  return { code, stdout, stderr };
}
