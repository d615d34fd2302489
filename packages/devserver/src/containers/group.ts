/** A process group to signal until it is known to be empty, after which its number may be somebody else's. */
export interface ProcessGroup {
  kill(signal: "SIGTERM" | "SIGKILL"): void;
  forget(): void;
}

const groups = new Set<number>();

export function createGroup(pid: number): ProcessGroup {
  groups.add(pid);
  return {
    kill(signal) {
      if (groups.has(pid)) killGroup(pid, signal);
    },
    forget() {
      groups.delete(pid);
    },
  };
}

function killGroup(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It is empty already.
    groups.delete(pid);
  }
}

// A host program that ends without closing its server leaves nothing behind.
process.on("exit", () => {
  for (const pid of groups) killGroup(pid, "SIGKILL");
});
