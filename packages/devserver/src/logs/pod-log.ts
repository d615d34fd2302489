import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { containerNameOf, containerStatusesOf } from "../pods/container-name.ts";
import type { Kubelet } from "../pods/kubelet.ts";
import { checkNode } from "../pods/node-name.ts";
import type { ContainerStatus, Pod } from "../pods/pod.ts";
import { badRequest } from "../status.ts";
import type { ContainerLog } from "./container-log.ts";
import { type LogOptions, logOptionsOf } from "./log-options.ts";
import { readLog } from "./read-log.ts";

/** Answers `GET pods/NAME/log`, as long as there is somebody to answer. */
export async function answerLog(
  readPod: (namespace: string, name: string) => Pod,
  kubelet: Kubelet,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  query: URLSearchParams,
  response: ServerResponse,
): Promise<void> {
  const asked = logOptionsOf(query, name);
  const pod = readPod(namespace, name);
  const source = sourceOf(pod, asked, kubelet);
  response.writeHead(200, { "content-type": "text/plain" });
  response.flushHeaders();
  if (!source) {
    response.end();
    return;
  }
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  // A container that has ended may have left something that is still to be read.
  const options = { ...asked, follow: asked.follow || source.ended };
  // A reader that leaves is no fault.
  await pipeline(Readable.from(readLog(source.log, options, gone.signal)), response).catch(() => undefined);
}

/** The log that is meant, and whether its container has ended; undefined where nothing can have been written yet. */
function sourceOf(
  pod: Pod,
  { container, previous }: LogOptions,
  kubelet: Kubelet,
): { readonly log: ContainerLog; readonly ended: boolean } | undefined {
  const name = containerNameOf(pod, container);
  if (pod.spec.nodeName === undefined) return undefined;
  checkNode(pod);
  const where = `container ${JSON.stringify(name)} in pod ${JSON.stringify(pod.metadata.name)}`;
  const status = containerStatusesOf(pod).find((one) => one.name === name);
  if (!status) throw badRequest(`${where} is not available`);
  const id = instanceOf(status, previous, where);
  const log = kubelet.log(pod, id);
  // One that could not be started has written nothing.
  return log && { log, ended: status.state.running === undefined || previous };
}

/** The instance whose log is asked for, as a kubelet chooses it; throws its refusal, in its words. */
function instanceOf(
  { state, lastState, containerID }: ContainerStatus,
  previous: boolean,
  where: string,
): string {
  if (previous) {
    if (lastState.terminated) return lastState.terminated.containerID;
    throw badRequest(`previous terminated ${where} not found`);
  }
  if (state.running && containerID !== undefined) return containerID;
  const terminated = state.terminated ?? lastState.terminated;
  if (terminated) return terminated.containerID;
  const reason = state.waiting?.reason ?? "";
  const why = reason === "ErrImagePull" ? "image can't be pulled" : reason;
  throw badRequest(`${where} is waiting to start: ${why}`);
}
