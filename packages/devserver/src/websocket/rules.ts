import { type Frame, isControl, longestControlBytes, opcodes } from "./frame.ts";

/** How a server takes the frames of a client; each kind of server has its own. */
export interface Rules {
  /** Why a frame ends the connection with Close 1002, as the Close says it; undefined when it may be read. */
  violationOf(frame: Frame): string | undefined;
  /** Whether the Close 1000 that ends each of its connections follows a Close 1002 too. */
  readonly closesAgain: boolean;
  /** Whether a Close is answered with its own code, and not with 1000. */
  readonly echoesClose: boolean;
  /** How long no message goes either way until the connection is dropped without Close; pings do not count. */
  readonly idleMs?: number;
}

/**
 * Those of runtimes, kubelets and API servers for the channel protocols: a frame has to be masked, and that is all.
 * A fragment is a message of its own, reserved bits mean nothing, and each opcode that is no control is data.
 */
export const runtimeRules: Rules = {
  violationOf: ({ masked }) => (masked ? undefined : ""),
  closesAgain: true,
  echoesClose: false,
  // `stream_idle_timeout` of containerd by default; nothing sets that of kubelets and API servers.
  idleMs: 14_400_000,
};

/** Those of RFC 6455, as API servers and kubelets keep them for tunnels; they are one connection's. */
export function createStrictRules(): Rules {
  let inMessage = false;

  const violationsOf = ({ fin, reserved, opcode, masked, payload }: Frame): string[] => {
    const found = ["RSV1 set", "RSV2 set", "RSV3 set"].filter((_, index) => reserved & (4 >> index));
    if (opcode > opcodes.pong || (opcode > opcodes.binary && opcode < opcodes.close)) {
      found.push(`bad opcode ${opcode}`);
    } else if (isControl(opcode)) {
      if (payload.byteLength > longestControlBytes) found.push("len > 125 for control");
      if (!fin) found.push("FIN not set on control");
    } else {
      if (opcode === opcodes.continuation && !inMessage) found.push("continuation after FIN");
      if (opcode !== opcodes.continuation && inMessage) found.push("data before FIN");
      inMessage = !fin;
    }
    if (!masked) found.push("bad MASK");
    return found;
  };

  return {
    closesAgain: false,
    echoesClose: true,
    violationOf(frame) {
      const found = violationsOf(frame);
      return found.length === 0 ? undefined : found.join(", ");
    },
  };
}
