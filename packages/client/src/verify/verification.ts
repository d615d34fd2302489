import { ClientError } from "../errors.ts";
import { type EndFacts, type Exit, exitOfCode, exitOfEnd } from "../session/exit.ts";
import { createMarkerFilter, type Marker } from "./marker.ts";

/** The two outputs of a verified command, and what can be said of them in the end. */
export interface Verification {
  /** What the command said of its own end, once all outputs that were asked for have ended with it. */
  readonly marker: Marker | undefined;
  /** What is the command's own of the bytes of a channel. */
  push(channel: "stdout" | "stderr", bytes: Uint8Array): Uint8Array;
  /** What was held back as a possible marker, when nothing comes any more. */
  end(channel: "stdout" | "stderr"): Uint8Array;
  /** The exit, given what the server and the connection say of it. */
  judge(exit: Exit, facts: EndFacts): Exit;
}

export function createVerification(
  name: string,
  asked: { readonly stdout: boolean; readonly stderr: boolean },
): Verification {
  const filters = { stdout: createMarkerFilter(name), stderr: createMarkerFilter(name) };
  const channels = (["stdout", "stderr"] as const).filter((channel) => asked[channel]);

  const verification: Verification = {
    get marker() {
      const markers = channels.map((channel) => filters[channel].marker);
      return markers.every((marker) => marker !== undefined) ? markers[0] : undefined;
    },
    push: (channel, bytes) => filters[channel].push(bytes),
    end: (channel) => filters[channel].end(),
    judge(exit, facts) {
      const { marker } = verification;
      if (marker) {
        const fault = channels.map((channel) => countFault(channel, marker, facts)).find(Boolean);
        if (fault) return unverified(exit, facts, fault);
        const known = exitOfCode(facts, marker.exitCode, "marker");
        return marker.stdoutBytes === undefined ? known : proven(known);
      }
      if (exit.kind === "exited" || exit.kind === "signalled") {
        return unverified(exit, facts, "the command's own mark behind its output did not come");
      }
      const unstarted = exit.kind === "failedToStart" && exit.error.code === "FAILED_TO_START";
      return unstarted ? withHint(exit, facts) : exit;
    },
  };
  return verification;
}

/** Nothing was lost on the way; what was discarded here was. */
function proven(exit: Exit): Exit {
  return exit.complete === "unproven" ? { ...exit, complete: "proven" } : exit;
}

function countFault(channel: "stdout" | "stderr", marker: Marker, facts: EndFacts): string | undefined {
  const counted = channel === "stdout" ? marker.stdoutBytes : marker.stderrBytes;
  const { receivedBytes } = facts[channel];
  if (counted === undefined || counted === receivedBytes) return undefined;
  return `the command wrote ${counted} bytes to ${channel}, and ${receivedBytes} came`;
}

function unverified(exit: Exit, facts: EndFacts, fault: string): Exit {
  const said = exit.kind === "exited" || exit.kind === "signalled" ? `exit code ${exit.code}` : exit.kind;
  const message = `the server says ${said}, but ${fault}: the output is not whole, or the command is still running`;
  const { status } = facts;
  return exitOfEnd(facts, { kind: "unverified", error: new ClientError("UNVERIFIED", message, { status }) });
}

function withHint(exit: Extract<Exit, { kind: "failedToStart" }>, facts: EndFacts): Exit {
  const { code, message, status, httpStatus } = exit.error;
  const error = new ClientError(code, `${message} (verify needs sh in the container)`, {
    status,
    httpStatus,
    cause: exit.error,
  });
  return exitOfEnd(facts, { kind: "failedToStart", error });
}
