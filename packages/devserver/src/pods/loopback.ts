import { connect, type Socket } from "node:net";
import type { Port } from "./action.ts";
import type { ContainerSpec } from "./pod.ts";

/** A port's number; throws what a kubelet says of a name that the container does not have. */
export function portNumberOf(port: Port, { ports = [] }: ContainerSpec): number {
  if (typeof port === "number") return port;
  const found = ports.find(({ name }) => name === port)?.containerPort;
  if (found !== undefined) return found;
  throw new Error(`strconv.Atoi: parsing ${JSON.stringify(port)}: invalid syntax`);
}

/**
 * Connects to a port of this machine's loopback, where the Pod's processes listen: IPv4 first, then IPv6. Rejects in
 * Go's words, with the reason of the first.
 */
export async function dialLoopback(port: number, signal: AbortSignal): Promise<Socket> {
  try {
    return await dial("127.0.0.1", port, signal);
  } catch (error) {
    return dial("::1", port, signal).catch(() => {
      throw error;
    });
  }
}

function dial(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port });
  return new Promise((resolve, reject) => {
    const where = `dial tcp ${host}:${port}`;
    const leave = (): void => {
      socket.destroy();
      reject(new Error(`${where}: i/o timeout`));
    };
    signal.addEventListener("abort", leave);
    socket.once("close", () => signal.removeEventListener("abort", leave));
    socket.once("connect", () => resolve(socket));
    // Afterwards too: whoever uses it notices by its end.
    socket.on("error", (error) => reject(new Error(`${where}: ${wordsOf(error)}`)));
    if (signal.aborted) leave();
  });
}

function wordsOf(error: Error): string {
  return "code" in error && error.code === "ECONNREFUSED" ? "connect: connection refused" : error.message;
}
