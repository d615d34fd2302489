import { DevServerError } from "./errors.ts";
import type { ContainerState, Pod } from "./pods/pod.ts";
import type { Resource } from "./rest/resource.ts";
import { textAt } from "./schema/json.ts";
import { Refusal } from "./status.ts";
import { createWaiting, type Waiting, type WaitOptions } from "./waiting.ts";

/** A Pod of one container, in short. */
export interface RunOptions extends WaitOptions {
  readonly image: string;
  /** Made from `pod-` by default. */
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: boolean;
  readonly stdinOnce?: boolean;
  readonly tty?: boolean;
  /** The container's name; `main` by default. */
  readonly container?: string;
  /** `Never` by default, so that what ends stays so. */
  readonly restartPolicy?: "Always" | "OnFailure" | "Never";
  /** More of the Pod's `spec`, as Kubernetes has it: volumes, init containers. */
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** A Pod that runs; leaving its `await using` block deletes it. */
export interface RunningPod {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  /** Ends it at once; resolves when it is gone. Idempotent. */
  delete(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Pods for tests. For all else there are clients. */
export interface ServerPods {
  /**
   * Creates a Pod and resolves when it runs and is ready. Rejects with `REFUSED` when the server takes no such Pod, and with
   * `POD_FAILED` when it ends instead, or its container cannot start; it stays, so that it can be looked at. One that is ready for a moment has run.
   */
  run(options: RunOptions): Promise<RunningPod>;
  /** Resolves with a Pod when the condition holds of it, as now or after a change; undefined stands for none of the name. */
  until(
    name: string,
    condition: (pod: Pod | undefined) => boolean,
    options?: WaitOptions & { readonly namespace?: string },
  ): Promise<Pod | undefined>;
}

/** The Pods as the server sees them. */
export interface PodRegistry extends ServerPods {
  close(): void;
}

/** What a container waits for that does not come by itself. */
const hopeless: readonly string[] = [
  "CrashLoopBackOff",
  "CreateContainerConfigError",
  "CreateContainerError",
  "ErrImageNeverPull",
  "ErrImagePull",
  "ImagePullBackOff",
  "InvalidImageName",
  "RunContainerError",
];

export function createServerPods(pods: Resource<Pod>): PodRegistry {
  const waiting: Waiting = createWaiting();
  pods.objects.follow(pods.objects.version, waiting.changed);

  return {
    async run(options) {
      const { namespace = "default", signal, timeoutMs } = options;
      signal?.throwIfAborted();
      const { metadata } = created(pods, namespace, options);
      const { name, uid } = metadata;
      const read = (): Pod | undefined => {
        const pod = pods.objects.read(namespace, name);
        return pod?.metadata.uid === uid ? pod : undefined;
      };
      const look = (): true | undefined => {
        const pod = read();
        const failure = pod ? failureOf(pod) : "it was deleted";
        if (failure !== undefined)
          throw new DevServerError("POD_FAILED", `the Pod ${name} does not run: ${failure}`);
        return pod && isReady(pod) ? true : undefined;
      };
      const what = () => `the Pod ${name} was ready; it is ${read()?.status.phase}${waitsFor(read())}`;
      await waiting.until(what, look, {
        ...(signal && { signal }),
        ...(timeoutMs !== undefined && { timeoutMs }),
      });
      const remove = async (): Promise<void> => {
        if (!read()) return;
        await pods.delete(namespace, name, { gracePeriodSeconds: 0, dryRun: false, check: () => undefined });
      };
      return { name, namespace, uid, delete: remove, [Symbol.asyncDispose]: remove };
    },
    async until(name, condition, { namespace = "default", ...options } = {}) {
      const look = () => {
        const pod = pods.objects.read(namespace, name);
        return condition(pod) ? { pod } : undefined;
      };
      const what = () =>
        `the condition held of the Pod ${name}; it is ${pods.objects.read(namespace, name)?.status.phase ?? "not there"}`;
      return (await waiting.until(what, look, options)).pod;
    },
    close: waiting.close,
  };
}

function created(pods: Resource<Pod>, namespace: string, options: RunOptions): Pod {
  const { image, name, labels, command, args, env = {}, stdin, stdinOnce, tty } = options;
  const { container = "main", restartPolicy = "Never", spec } = options;
  const given = Object.entries({ command, args, stdin, stdinOnce, tty }).filter(
    ([, value]) => value !== undefined,
  );
  const variables = Object.entries(env).map(([variable, value]) => ({ name: variable, value }));
  const body = {
    metadata: { ...(name === undefined ? { generateName: "pod-" } : { name }), ...(labels && { labels }) },
    spec: {
      restartPolicy,
      ...spec,
      containers: [{ name: container, image, env: variables, ...Object.fromEntries(given) }],
    },
  };
  try {
    // A copy without what the caller may still change.
    return pods.create(namespace, JSON.parse(JSON.stringify(body)));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const why =
      error.contentType === "application/json" ? textAt(JSON.parse(error.body), "message") : error.body;
    throw new DevServerError("REFUSED", `the server refused the Pod: ${why}`, { cause: error });
  }
}

function isReady({ status }: Pod): boolean {
  return (status.conditions ?? []).some(({ type, status: holds }) => type === "Ready" && holds === "True");
}

/** Why a Pod will not be ready; undefined while it may. */
function failureOf({ status }: Pod): string | undefined {
  const states = statesOf(status);
  if (status.phase === "Succeeded" || status.phase === "Failed") {
    const ends = states.flatMap(({ name, state: { terminated } }) =>
      terminated ? [`${name} ended with exit code ${terminated.exitCode}`] : [],
    );
    return `it has ${status.phase === "Failed" ? "failed" : "ended"}: ${ends.join(", ")}`;
  }
  for (const { name, state } of states) {
    if (state.waiting && hopeless.includes(state.waiting.reason))
      return `${name} waits: ${wordsOf(state.waiting)}`;
  }
  return undefined;
}

function waitsFor(pod: Pod | undefined): string {
  const waits = pod
    ? statesOf(pod.status).flatMap(({ name, state }) =>
        state.waiting ? [`, ${name} waits: ${wordsOf(state.waiting)}`] : [],
      )
    : [];
  return waits.join("");
}

function statesOf({ initContainerStatuses = [], containerStatuses = [] }: Pod["status"]) {
  return [...initContainerStatuses, ...containerStatuses];
}

function wordsOf({ reason, message }: NonNullable<ContainerState["waiting"]>): string {
  return message === undefined ? reason : `${reason}: ${message}`;
}
