/** A process group: a program and what it has started, unless that went into a group of its own. */
export interface ProcessGroup {
  /** Whether anything of it still runs. */
  readonly alive: boolean;
  /** SIGTERM is for the program alone, as runtimes have it; SIGKILL for all. */
  kill(signal: "SIGTERM" | "SIGKILL"): void;
  /** The program itself has ended. */
  settle(): void;
}

const groups = new Set<number>();

/** The group that a program leads; its number is signalled until it is empty, after which it may be somebody else's. */
export function createGroup(pid: number): ProcessGroup {
  groups.add(pid);
  const settle = (): void => {
    if (!signalGroup(pid, 0)) groups.delete(pid);
  };
  return {
    get alive() {
      return groups.has(pid) && signalGroup(pid, 0);
    },
    kill(signal) {
      if (!groups.has(pid)) return;
      if (signal === "SIGTERM") sendSignal(pid, signal);
      else if (!signalGroup(pid, signal)) groups.delete(pid);
    },
    settle,
  };
}

/** Answers whether there is anything to signal. */
function signalGroup(pid: number, signal: "SIGKILL" | 0): boolean {
  // Windows has no groups.
  return sendSignal(process.platform === "win32" ? pid : -pid, signal);
}

function sendSignal(target: number, signal: "SIGTERM" | "SIGKILL" | 0): boolean {
  try {
    return process.kill(target, signal);
  } catch {
    return false;
  }
}

// A host program that ends without closing its server leaves nothing behind.
process.on("exit", () => {
  for (const pid of groups) signalGroup(pid, "SIGKILL");
});
