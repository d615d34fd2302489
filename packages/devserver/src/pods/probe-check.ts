import { randomBytes } from "node:crypto";
import { StartError } from "../containers/process.ts";
import { messageOf } from "../errors.ts";
import type { Probe } from "./action.ts";
import { runCommand } from "./command-action.ts";
import { getHttp } from "./http-action.ts";
import { dialLoopback, portNumberOf } from "./loopback.ts";
import type { RunningContainer } from "./running-container.ts";

/** What one probe has found, and the words of a kubelet for it; `unknown` when it could not be done. */
export interface Finding {
  readonly kind: "success" | "failure" | "unknown";
  readonly says: string;
}

const success: Finding = { kind: "success", says: "" };
const failure = (says: string): Finding => ({ kind: "failure", says });

/** Probes a container once, within the probe's time; never rejects. */
export async function checkContainer(
  container: RunningContainer,
  probe: Probe,
  signal: AbortSignal,
): Promise<Finding> {
  const time = new AbortController();
  const stop = (): void => time.abort();
  const timer = setTimeout(stop, probe.timeoutSeconds * 1_000);
  signal.addEventListener("abort", stop);
  try {
    return await look(container, probe, time.signal);
  } catch (error) {
    return { kind: "unknown", says: messageOf(error) };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

async function look(
  container: RunningContainer,
  { exec, httpGet, tcpSocket, timeoutSeconds }: Probe,
  signal: AbortSignal,
): Promise<Finding> {
  if (exec) {
    const { code, stdout, stderr } = await runCommand(container, exec.command, signal).catch(execFault);
    if (signal.aborted) {
      const command = JSON.stringify(exec.command.join(" "));
      return failure(`command timed out: ${command} timed out after ${timeoutSeconds}s`);
    }
    return code === 0 ? success : failure(stdout + stderr);
  }
  if (httpGet) {
    // A port that there is not is no finding.
    portNumberOf(httpGet.port, container.spec);
    try {
      const status = await getHttp(httpGet, container.spec, signal);
      return status >= 200 && status < 400
        ? success
        : failure(`HTTP probe failed with statuscode: ${status}`);
    } catch (error) {
      return failure(messageOf(error));
    }
  }
  const port = portNumberOf(tcpSocket?.port ?? 0, container.spec);
  try {
    (await dialLoopback(port, signal)).destroy();
    return success;
  } catch (error) {
    return failure(messageOf(error));
  }
}

/** Why a command could not be started, as it reaches a kubelet. */
export function execFault(error: unknown): never {
  if (!(error instanceof StartError)) throw error;
  const id = randomBytes(32).toString("hex");
  const why = error.message.replace(/: unknown$/, "");
  throw new Error(
    `rpc error: code = Unknown desc = failed to exec in container: failed to start exec "${id}": ${why}`,
  );
}
