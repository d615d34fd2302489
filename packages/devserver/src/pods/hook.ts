import { messageOf } from "../errors.ts";
import type { Action } from "./action.ts";
import { runCommand } from "./command-action.ts";
import { getHttp } from "./http-action.ts";
import type { Pod } from "./pod.ts";
import { execFault } from "./probe-check.ts";
import { pause } from "./probing.ts";
import type { RunningContainer } from "./running-container.ts";

/**
 * Does what a container has to do once it has begun, or before it ends; it has as long as the container runs. Answers
 * with why it failed, in the words of a kubelet; never rejects.
 */
export async function runHook(
  container: RunningContainer,
  { exec, httpGet, sleep }: Action,
  { metadata: { name, namespace, uid } }: Pod,
  over: AbortSignal,
): Promise<string | undefined> {
  const fault = (what: string, why: string): string => {
    const where = `Container ${JSON.stringify(container.spec.name)} in Pod "${name}_${namespace}(${uid})"`;
    return `${what} for ${where} failed - error: ${why}`;
  };
  if (exec) {
    const what = `Exec lifecycle hook ([${exec.command.join(" ")}])`;
    try {
      const { code, stdout, stderr } = await runCommand(container, exec.command, over).catch(execFault);
      if (code === 0) return undefined;
      const why = `command '${exec.command.join(" ")}' exited with ${code}: ${stderr}`;
      return fault(what, `${why}, message: ${JSON.stringify(stdout + stderr)}`);
    } catch (error) {
      return fault(what, `${messageOf(error)}, message: ""`);
    }
  }
  if (httpGet) {
    // Whatever the status: somebody has heard it.
    return getHttp(httpGet, container.spec, over).then(
      () => undefined,
      (error) => fault(`HTTP lifecycle hook (${httpGet.path})`, messageOf(error)),
    );
  }
  await pause((sleep?.seconds ?? 0) * 1_000, over);
  return undefined;
}
