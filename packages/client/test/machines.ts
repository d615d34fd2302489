import type { ClientError } from "../src/errors.ts";
import { createMachine, type MachineOptions } from "../src/session/machine.ts";
import { createOutput } from "../src/session/output.ts";

const hexOf = (data: Uint8Array | string): string =>
  typeof data === "string" ? data : Buffer.from(data).toString("hex");
export const marks = { highWaterBytes: 1_000, limitBytes: 4_000 };

/** A machine with its effects written down; `full` makes the transport ask to wait. */
export function setupMachine(options: Partial<MachineOptions> = {}) {
  const sent: string[] = [];
  const events: string[] = [];
  const failures: ClientError[] = [];
  const transport = { full: false };
  const timers: (() => void)[] = [];
  const machine = createMachine(
    { protocol: "v5.channel.k8s.io", stdout: true, stderr: true, overflow: "pause", ...marks, ...options },
    {
      send(message) {
        sent.push(hexOf(message));
        return !transport.full;
      },
      pause: () => events.push("pause"),
      resume: () => events.push("resume"),
      later(_ms, callback) {
        timers.push(callback);
        return () => timers.splice(timers.indexOf(callback), 1);
      },
      fail: (error) => failures.push(error),
      statusArrived: () => events.push("status"),
      markerArrived: () => events.push("marker"),
    },
  );
  const stdout = createOutput(machine.stdout);
  const stderr = createOutput(machine.stderr);
  const flood = (channel: 1 | 2, bytes: number): void => {
    const message = new Uint8Array(bytes + 1).fill(0x61);
    message[0] = channel;
    machine.message(message);
  };
  return { machine, stdout, stderr, sent, events, failures, timers, transport, flood };
}
