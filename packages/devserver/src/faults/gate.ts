import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Access } from "../access.ts";
import { type RequestInfo, requestInfoOf } from "../request-info.ts";
import type { Upgraded } from "../streams/upgraded.ts";
import { cutsAtOnce, passBefore } from "./before.ts";
import { type Fault, isSpdyFault, isStatusFault } from "./fault.ts";
import type { FaultRegistry } from "./faults.ts";
import { cutAnswer } from "./plain-cut.ts";
import type { Cut } from "./resets.ts";
import { type Observer, openWire } from "./wire.ts";

/** Where every request of somebody who has access meets its faults. */
export interface Gate {
  /** Resolves when a plain request may be answered; rejects with its refusal. */
  pass(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Undefined for a request to upgrade that meets none and is not looked at. */
  passUpgrade(request: IncomingMessage, info: RequestInfo, socket: Duplex): PassedUpgrade | undefined;
}

interface PassedUpgrade {
  /** Resolves when it may be answered; rejects with its refusal. */
  readonly passed: Promise<void>;
  /** The connection with faults between it and the client. */
  wire(connection: Upgraded): Upgraded;
}

/** `observe` gives who looks at a session, in strict mode. */
export function createGate(
  access: Access,
  faults: FaultRegistry,
  asksTwice: boolean,
  cut: Cut,
  observe: (info: RequestInfo, request: IncomingMessage) => Observer | undefined,
): Gate {
  return {
    async pass(request, response) {
      const info = requestInfoOf(request);
      const met = faults.meet(info, access.tokenOf(request));
      await passBefore(
        met,
        info,
        asksTwice,
        (by) => cut(request.socket, by),
        () => request.resume(),
      );
      for (const fault of met) {
        if (fault.kind !== "cut" || "afterFrames" in fault) continue;
        cutAnswer(response, fault.afterBytes ?? 0, () => cut(request.socket, fault.by));
      }
    },
    passUpgrade(request, info, socket) {
      const met = faults.meet(info, access.tokenOf(request));
      const observer = observe(info, request);
      if (met.length === 0 && !observer) return undefined;
      // What is about streams of SPDY is not to be done to its bytes.
      const isInside = (one: Fault): boolean =>
        info.protocol === "spdy" && (isSpdyFault(one) || isStatusFault(one) || one.kind === "message");
      const outside = met.filter((one) => !isInside(one));
      return {
        passed: passBefore(
          met,
          info,
          asksTwice,
          (by) => cut(socket, by),
          () => drain(socket),
        ),
        wire: (connection) => ({
          ...(observer || outside.some(isOfWire) ? openWire(connection, outside, cut, observer) : connection),
          faults: met.filter(isInside),
        }),
      };
    },
  };
}

/** Reads a connection to the client's end of it, which is that of the whole. */
function drain(socket: Duplex): void {
  socket.once("end", () => socket.destroy());
  socket.resume();
}

const before: readonly Fault["kind"][] = ["refuse", "delay", "stall", "deny", "expire"];

function isOfWire(fault: Fault): boolean {
  return fault.kind === "cut" ? !cutsAtOnce(fault) : !before.includes(fault.kind);
}
