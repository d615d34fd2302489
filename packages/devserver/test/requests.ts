import type { DevServer } from "@podwire/devserver";
import type { ContainerSpec, Pod, PodSpec } from "../src/pods/pod.ts";

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A Pod, or a Status. */
type Watched = Pod & { readonly code?: number; readonly message?: string; readonly reason?: string };

export interface WatchEvent<T = Watched> {
  readonly type: string;
  readonly object: T;
}

export const podsPath = "/api/v1/namespaces/default/pods";

/** Plain HTTP requests to a devserver, with its token. */
export function createRequests({ url, config }: DevServer) {
  const authorization = `Bearer ${config.token}`;

  const send = async (method: string, path: string, body?: unknown, headers = {}): Promise<Reply> => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization, "content-type": "application/json", ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };

  async function* watch<T = Watched>(
    query: string,
    path = podsPath,
    signal?: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>> {
    const response = await fetch(`${url}${path}?watch=true&${query}`, {
      headers: { authorization },
      ...(signal && { signal }),
    });
    if (response.status !== 200) throw new Error(await response.text());
    let text = "";
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) yield JSON.parse(line);
    }
  }

  /** The Pod when it is first seen to be so, from now on or from a version; rejects when it is gone instead. */
  const until = async (name: string, condition: (pod: Pod) => boolean, version = ""): Promise<Pod> => {
    const query = `fieldSelector=metadata.name%3D${name}&resourceVersion=${version}`;
    for await (const { type, object } of watch(query)) {
      if (type !== "DELETED" && condition(object)) return object;
      if (type === "DELETED") throw new Error(`${name} is gone: ${JSON.stringify(object.status)}`);
    }
    throw new Error("the watch has ended");
  };

  const create = async (
    name: string,
    container: Partial<ContainerSpec>,
    spec: Partial<PodSpec> = {},
  ): Promise<Pod> => {
    const { status, text } = await send("POST", podsPath, podOf(name, container, spec));
    if (status !== 201) throw new Error(text);
    return JSON.parse(text);
  };

  return {
    send,
    watch,
    until,
    create,
    /** Creates a Pod and waits until it runs, or has run. */
    async run(name: string, container: Partial<ContainerSpec>, spec: Partial<PodSpec> = {}): Promise<Pod> {
      const { metadata } = await create(name, container, spec);
      return until(name, ({ status }) => status.phase === "Running", metadata.resourceVersion);
    },
    async get(name: string): Promise<Pod> {
      const { status, text } = await send("GET", `${podsPath}/${name}`);
      if (status !== 200) throw new Error(text);
      return JSON.parse(text);
    },
    delete: (name: string, query = "gracePeriodSeconds=0", body?: unknown) =>
      send("DELETE", `${podsPath}/${name}?${query}`, body),
    /** Waits until a Pod is gone. */
    async gone(name: string): Promise<void> {
      const { items, metadata } = JSON.parse(
        (await send("GET", `${podsPath}?fieldSelector=metadata.name%3D${name}`)).text,
      );
      if (items.length === 0) return;
      const query = `fieldSelector=metadata.name%3D${name}&resourceVersion=${metadata.resourceVersion}`;
      for await (const { type } of watch(query)) if (type === "DELETED") return;
    },
  };
}

export type Requests = ReturnType<typeof createRequests>;

/** Requests whose answers are JSON. */
export function createJson(served: { readonly requests: Requests }) {
  return async (method: string, path: string, body?: unknown, headers = {}) => {
    const { status, text, headers: answered } = await served.requests.send(method, path, body, headers);
    return { status, headers: answered, body: JSON.parse(text) };
  };
}

export function podOf(name: string, container: Partial<ContainerSpec>, spec: Partial<PodSpec> = {}) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: { restartPolicy: "Never", containers: [{ name: "main", image: "busybox", ...container }], ...spec },
  };
}

/** A container that runs a line of shell. `$$` is written once: Kubernetes would make it `$`. */
export function shell(script: string): Partial<ContainerSpec> {
  return { command: ["sh", "-c", script.replaceAll("$$", () => "$$$$")] };
}
