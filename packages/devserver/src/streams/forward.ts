import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { messageOf } from "../errors.ts";
import type { ConnectionRecorder, SessionRecorder } from "../sessions/session-recorder.ts";

/** When one side has ended, the other one has this long: runtimes carry no half-close. */
const restMs = 1_000;

/**
 * Connects to a port where the Pod's processes listen, on this machine's loopback, and carries bytes both ways until
 * one side ends and the other one had its time. Rejects with what a runtime says when there is nobody.
 */
export async function forwardPort(
  carrier: Duplex,
  port: number,
  sandbox: string,
  recorder: SessionRecorder,
): Promise<void> {
  const recorded = recorder.connect(port);
  try {
    await carry(carrier, await connectTo(port, sandbox), recorded);
    recorded.end();
  } catch (error) {
    const why = messageOf(error);
    const where = 'failed to execute portforward in network namespace "host"';
    const failure = `error forwarding port ${port} to pod ${sandbox}, uid : ${where}: ${why}`;
    recorded.end(failure);
    throw new Error(failure);
  }
}

function carry(carrier: Duplex, connection: Socket, recorded: ConnectionRecorder): Promise<void> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    let ends = 0;
    let fault: Error | undefined;
    let over = false;
    const finish = (): void => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      // What it still says is for nobody; what was sent to it, it may still read.
      connection.unpipe(carrier).resume();
      connection.destroySoon();
      timer = setTimeout(() => connection.destroy(), restMs);
      connection.once("close", () => clearTimeout(timer));
      if (fault) reject(fault);
      else resolve();
    };
    const end = (): void => {
      ends += 1;
      if (ends === 2) finish();
      else timer = setTimeout(finish, restMs);
    };
    carrier.on("data", recorded.received);
    connection.on("data", recorded.sent);
    carrier.pipe(connection, { end: false });
    connection.pipe(carrier, { end: false });
    carrier.once("end", end);
    connection.once("end", end);
    // Whoever breaks has ended both.
    for (const one of [carrier, connection]) one.once("close", finish);
    connection.on("error", (error) => {
      fault = new Error(`read tcp 127.0.0.1:${connection.remotePort}: read: ${wordsOf(error)}`);
    });
  });
}

/** IPv4 first, then IPv6. */
async function connectTo(port: number, sandbox: string): Promise<Socket> {
  const faults: string[] = [];
  for (const [host, name] of [
    ["127.0.0.1", "tcp4 127.0.0.1"],
    ["::1", "tcp6 [::1]"],
  ] as const) {
    const connection = connect({ host, port, allowHalfOpen: true });
    const fault = await new Promise<string | undefined>((resolve) => {
      connection.once("connect", () => resolve(undefined));
      connection.once("error", (error) => resolve(`dial ${name}:${port}: connect: ${wordsOf(error)}`));
    });
    if (fault === undefined) return connection;
    faults.push(fault);
  }
  const [four, six] = faults;
  const where = `localhost:${port} inside namespace ${JSON.stringify(sandbox)}`;
  throw new Error(`failed to connect to ${where}, IPv4: ${four} IPv6 ${six} `);
}

/** As Go says it. */
function wordsOf(error: Error): string {
  const code = "code" in error ? error.code : undefined;
  if (code === "ECONNREFUSED") return "connection refused";
  if (code === "ECONNRESET") return "connection reset by peer";
  if (code === "EADDRNOTAVAIL") return "cannot assign requested address";
  if (code === "ENETUNREACH") return "network is unreachable";
  return error.message;
}
