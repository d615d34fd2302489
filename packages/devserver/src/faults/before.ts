import { setTimeout } from "node:timers/promises";
import type { RequestInfo } from "../request-info.ts";
import { refusal, textRefusal } from "../status.ts";
import { denialOf } from "./deny.ts";
import type { CutBy, Fault } from "./fault.ts";

/** What faults do before a request is answered: resolves when it may be, and rejects with the refusal when not. */
export async function passBefore(
  faults: readonly Fault[],
  request: RequestInfo,
  asksTwice: boolean,
  cut: (by: CutBy) => void,
  /** Called when there will be no answer: what the client still sends is for nobody, but its end is. */
  abandon: () => void,
): Promise<void> {
  for (const fault of faults) {
    if (fault.kind === "delay") await setTimeout(fault.ms, undefined, { ref: false });
    else if (fault.kind === "refuse") {
      if (fault.text !== undefined) throw textRefusal(fault.code, fault.text);
      const { code, reason = reasons[code] ?? "", message = "refused by a fault of devserver" } = fault;
      throw refusal(code, reason, message);
    } else if (fault.kind === "deny") {
      const denied = denialOf(fault, request, asksTwice);
      if (denied) throw denied;
    } else if (fault.kind === "expire") throw refusal(401, "Unauthorized", "Unauthorized");
    else if (fault.kind === "stall" || (fault.kind === "cut" && cutsAtOnce(fault))) {
      if (fault.kind === "cut") cut(fault.by);
      abandon();
      await forever();
    }
  }
}

/** Whether not even the answer comes. */
export function cutsAtOnce(fault: Extract<Fault, { kind: "cut" }>): boolean {
  return !("afterFrames" in fault) && fault.afterBytes === undefined;
}

function forever(): Promise<never> {
  return new Promise(() => undefined);
}

/** The reasons of Kubernetes for the codes that have one. */
const reasons: Readonly<Record<number, string>> = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  405: "MethodNotAllowed",
  406: "NotAcceptable",
  409: "Conflict",
  410: "Expired",
  413: "RequestEntityTooLarge",
  415: "UnsupportedMediaType",
  422: "Invalid",
  429: "TooManyRequests",
  500: "InternalError",
  503: "ServiceUnavailable",
  504: "Timeout",
};
