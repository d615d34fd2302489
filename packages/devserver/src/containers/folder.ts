import { readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

// A process that is being killed may still add to it.
const removal = { recursive: true, force: true, maxRetries: 5, retryDelay: 20 } as const;
const serverFolders = new Set<string>();

/** Makes the folder of a server, for its containers' folders. */
export async function createServerFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "podwire-devserver-"));
  serverFolders.add(folder);
  return folder;
}

export async function removeServerFolder(folder: string): Promise<void> {
  await rm(folder, removal);
  serverFolders.delete(folder);
}

// Of a host program that ends without closing its server.
process.on("exit", () => {
  for (const folder of serverFolders) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // The guard tries again.
    }
  }
});

/** Removes a container's or a Pod's folder; what cannot be removed now goes with the server's. */
export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, removal).catch(() => undefined);
}

/**
 * Ends what has left its process group, by a terminal's job control or as a daemon, and is known by the folder among
 * its variables. Linux alone tells them; elsewhere nothing is done.
 */
export function endLeftovers(folder: string): void {
  if (process.platform !== "linux") return;
  // What is started while one looks is seen the next time; one that cannot be ended yet must not hold this up.
  for (let looks = 0; looks < 10; looks++) {
    const found = readdirSync("/proc").filter((entry) => belongs(entry, folder));
    for (const entry of found) kill(Number(entry));
    if (found.length === 0) return;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

function belongs(entry: string, folder: string): boolean {
  const pid = Number(entry);
  if (!(pid > 1) || pid === process.pid) return false;
  try {
    const variables = readFileSync(`/proc/${entry}/environ`);
    return variables.includes(`${folder}\0`) || variables.includes(`${folder}/`);
  } catch {
    // Somebody else's, or gone.
    return false;
  }
}
