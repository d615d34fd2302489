import { readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";

/** Removes a container's or a Pod's folder; what cannot be removed now goes with the server's. */
export async function removeFolder(folder: string): Promise<void> {
  // A process that is being killed may still add to it.
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 }).catch(() => undefined);
}

/**
 * Ends what has left its process group, by a terminal's job control or as a daemon, and is known by the folder among
 * its variables. Linux alone tells them; elsewhere nothing is done.
 */
export function endLeftovers(folder: string): void {
  if (process.platform !== "linux") return;
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    if (!(pid > 1) || pid === process.pid || !belongs(entry, folder)) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
}

function belongs(entry: string, folder: string): boolean {
  try {
    const variables = readFileSync(`/proc/${entry}/environ`);
    return variables.includes(`${folder}\0`) || variables.includes(`${folder}/`);
  } catch {
    // Somebody else's, or gone.
    return false;
  }
}
