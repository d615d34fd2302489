import type { Verb } from "../request-info.ts";

/** How a connection is cut: by the end of TCP, by its reset, or by nothing: nobody answers any more. */
export type CutBy = "fin" | "rst" | "silence";

/** Faults of any request, a session's too. */
export type RequestFault =
  /** Answers with a Status of this code. */
  | {
      readonly kind: "refuse";
      readonly code: number;
      readonly reason?: string;
      readonly message?: string;
      readonly text?: undefined;
    }
  /** Answers with a text, as kubelets, runtimes and proxies do. */
  | {
      readonly kind: "refuse";
      readonly code: number;
      readonly text: string;
      readonly reason?: undefined;
      readonly message?: undefined;
    }
  /** Answers so much later. */
  | { readonly kind: "delay"; readonly ms: number }
  /** Never answers. */
  | { readonly kind: "stall" }
  /**
   * Cuts the connection: before any answer, or after that many bytes of the body. A session's bytes are those on the
   * wire behind its 101.
   */
  | { readonly kind: "cut"; readonly by: CutBy; readonly afterBytes?: number }
  /** Takes the right to what the rule names away: 403, in the words of RBAC. */
  | ({ readonly kind: "deny" } & DenyRule)
  | ExpireFault;

/**
 * Takes the token for expired, for this request and all that follow, until the fault is removed: 401. Another one is
 * good from the start: that of the handle.
 */
export interface ExpireFault {
  readonly kind: "expire";
}

/** As a rule of RBAC, turned round. What is left out is everything. */
export interface DenyRule {
  readonly verbs?: readonly Verb[];
  /** `pods`, and `pods/exec` for a subresource. */
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** Faults of exec, attach and port-forward, whatever they speak. */
type StreamFault =
  /** Carries no more than that a second, to the client (`out`) or from it (`in`). */
  | { readonly kind: "throttle"; readonly direction: "in" | "out"; readonly bytesPerSecond: number }
  /** Reads nothing more, no ping and no Close either; at once, or after that many bytes. */
  | { readonly kind: "stop-reading"; readonly afterBytes?: number };

/** Faults in the messages of a WebSocket. Frames are counted without Close and pong; the first is the empty one. */
export type FrameFault =
  | { readonly kind: "cut"; readonly by: CutBy; readonly afterFrames: number }
  /**
   * Sends one more message, on whatever channel; by default behind the first one. In an exec or attach over SPDY it is a
   * frame on the stream of the channel, if the client has one, and by default behind the first of output.
   */
  | {
      readonly kind: "message";
      readonly channel: number;
      readonly payload: string | Uint8Array;
      readonly afterFrames?: number;
    }
  /** Sends a message without even a channel. */
  | { readonly kind: "empty-message"; readonly afterFrames?: number }
  /** Sends every message twice. */
  | { readonly kind: "duplicate" }
  /** Closes with this code: after that many frames without a status, or at the end instead of 1000. */
  | {
      readonly kind: "close";
      readonly code: number | "none";
      readonly reason?: string;
      readonly afterFrames?: number;
    };

/** Faults in the streams of SPDY itself, outside of tunnels. Frames are counted that have bytes of the server. */
export type SpdyFault =
  /** Resets a stream of this type instead of an answer to its SYN_STREAM; with 5, CANCEL, by default. */
  | { readonly kind: "reset-stream"; readonly stream: SpdyStreamType; readonly status?: number }
  /** Says GOAWAY, with 0 by default, when the streams are open, or behind so many frames; what is open goes on. */
  | { readonly kind: "go-away"; readonly status?: number; readonly afterFrames?: number };

/** As a client names it in `streamtype`; `data` is that of a port. */
type SpdyStreamType = "error" | "stdin" | "stdout" | "stderr" | "resize" | "data";

/** Faults in the last word of an exec or attach. */
export type StatusFault =
  /** Says these instead of the status, each as a message or frame of its own; none at all, or what is no Status. */
  | { readonly kind: "status"; readonly payloads: readonly (string | Uint8Array)[] }
  /** Says it in two messages, the first of them with that many bytes. */
  | { readonly kind: "status"; readonly splitAfterBytes: number };

export type SessionFault = StreamFault | FrameFault | SpdyFault | StatusFault;
export type Fault = RequestFault | SessionFault;

export function isFrameFault(fault: Fault): fault is FrameFault {
  const { kind } = fault;
  if (kind === "cut") return "afterFrames" in fault;
  return kind === "message" || kind === "empty-message" || kind === "duplicate" || kind === "close";
}

export function isSpdyFault(fault: Fault): fault is SpdyFault {
  return fault.kind === "reset-stream" || fault.kind === "go-away";
}

export function isStatusFault(fault: Fault): fault is StatusFault {
  return fault.kind === "status";
}
