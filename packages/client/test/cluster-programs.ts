import { spawn } from "node:child_process";
import { open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A program of a cluster of one node whose state folder says which processes it is made of. */
export type ClusterProgram = "apiserver" | "kubelet" | "containerd";

/** The programs of one cluster, to be killed and started again. */
export interface ClusterPrograms {
  /** Ends a program at once, as a crash would; answers with the way to start it again as it was. */
  kill(program: ClusterProgram): Promise<() => Promise<void>>;
}

/** `stateFolder` has a file `pids/PROGRAM` for each, with its process number and start time, and its log in `logs`. */
export function createClusterPrograms(stateFolder: string): ClusterPrograms {
  const pidOf = async (name: string): Promise<number> => {
    const [pid, started] = (await readFile(join(stateFolder, "pids", name), "utf8")).trim().split(" ");
    if (started !== (await startTimeOf(Number(pid))))
      throw new Error(`${name} of ${stateFolder} is not running`);
    return Number(pid);
  };

  return {
    async kill(program) {
      const pid = await pidOf(program);
      const mounts = await pidOf("mounts");
      const command = await listOf(`/proc/${pid}/cmdline`);
      const environment = await listOf(`/proc/${pid}/environ`);
      process.kill(pid, "SIGKILL");
      return async () => {
        const log = await open(join(stateFolder, "logs", program), "a");
        // All of them find their folders in the cluster's own mount namespace.
        const child = spawn("nsenter", ["-t", String(mounts), "-m", "--", ...command], {
          detached: true,
          env: Object.fromEntries(environment.map(pairOf)),
          stdio: ["ignore", log.fd, log.fd],
        });
        await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
        child.unref();
        await log.close();
        const record = `${child.pid} ${await startTimeOf(child.pid ?? 0)}\n`;
        await writeFile(join(stateFolder, "pids", program), record);
      };
    },
  };
}

/** In clock ticks since the machine's start: with it a process number means one process for good. */
async function startTimeOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The name in brackets may hold spaces.
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

async function listOf(file: string): Promise<string[]> {
  return (await readFile(file, "utf8")).split("\0").slice(0, -1);
}

function pairOf(line: string): [string, string] {
  const end = line.indexOf("=");
  return [line.slice(0, end), line.slice(end + 1)];
}
