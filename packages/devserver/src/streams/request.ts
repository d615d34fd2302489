import { containerNameOf } from "../pods/container-name.ts";
import type { Kubelet } from "../pods/kubelet.ts";
import { checkNode } from "../pods/node-name.ts";
import type { Pod } from "../pods/pod.ts";
import type { RunningContainer } from "../pods/running-container.ts";
import { isOn } from "../rest/routes.ts";
import { textRefusal } from "../status.ts";

/** An attach or exec that may go on to the 101. */
export interface StreamRequest {
  readonly verb: "attach" | "exec";
  readonly container: RunningContainer;
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
  /** Whether an exec is ended with a connection that breaks, as newer runtimes do it. */
  readonly endsWhenCut: boolean;
}

/** Checks a request as the API server and then the kubelet do, and in their words. */
export function streamRequestOf(
  verb: StreamRequest["verb"],
  pod: Pod,
  query: URLSearchParams,
  kubelet: Kubelet,
): StreamRequest {
  const name = containerNameOf(pod, query.get("container") ?? "");
  checkNode(pod);
  const asked = askedOf(query);
  if (!asked.stdin && !asked.stdout && !asked.stderr) {
    throw textRefusal(400, "you must specify at least 1 of stdin, stdout, stderr");
  }
  const container = kubelet.running(pod, name);
  if (!container) throw textRefusal(500, notRunning(verb, name, pod));
  if (verb === "attach" && container.spec.tty && asked.stderr) {
    throw textRefusal(500, "rpc error: code = InvalidArgument desc = tty and stderr cannot both be true");
  }
  return { verb, container, command: query.getAll("command"), ...asked, endsWhenCut: false };
}

/** The streams that a request wants. */
export function askedOf(query: URLSearchParams): Pick<StreamRequest, "stdin" | "stdout" | "stderr" | "tty"> {
  const tty = isOn(query, "tty");
  return {
    tty,
    stdin: isOn(query, "stdin"),
    stdout: isOn(query, "stdout"),
    // A kubelet drops stderr beside a terminal.
    stderr: isOn(query, "stderr") && !tty,
  };
}

function notRunning(verb: "attach" | "exec", name: string, { metadata }: Pod): string {
  if (verb === "exec") return `container not found (${JSON.stringify(name)})`;
  return `container ${name} not found in pod ${metadata.name}_${metadata.namespace}`;
}
