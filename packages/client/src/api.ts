import type { Client } from "./client.ts";
import { createDeadline } from "./deadline.ts";
import { ClientError, NotImplementedError } from "./errors.ts";
import { followObject } from "./follow.ts";
import { type CallOptions, type Query, request } from "./request.ts";
import type {
  AttachOf,
  Creatable,
  ExecOf,
  KubernetesObject,
  ResourceDescriptor,
  ResourceList,
  Stored,
  Subresource,
} from "./resources/resource.ts";
import { type AttachApi, createAttachApi } from "./subresources/attach.ts";
import { createExecApi, type ExecApi } from "./subresources/exec.ts";
import { type WatchEvent, watchEvents } from "./watch.ts";

export interface ApiOptions {
  readonly client: Client;
  /** Namespace of calls that name none; the client's by default. */
  readonly namespace?: string;
}

export interface ListOptions extends CallOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Most items in the answer; go on with `continue` from its metadata. */
  readonly limit?: number;
  readonly continue?: string;
}

export interface WatchOptions extends Omit<ListOptions, "limit" | "continue" | "requestTimeoutMs"> {
  /** Where to start; without it, with every object as it is now. */
  readonly resourceVersion?: string;
}

export interface DeleteOptions extends CallOptions {
  /** Time between the polite signal and the kill; the Pod's own by default. */
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Foreground" | "Background" | "Orphan";
}

interface ApiCall {
  readonly method: "GET" | "POST" | "DELETE";
  readonly name?: string;
  readonly query?: Query;
  readonly body?: unknown;
}

/** One kind of resource of one API server: `new Api(Pod, { client })`. */
export class Api<T extends KubernetesObject> {
  readonly resource: ResourceDescriptor<T>;
  readonly namespace: string;
  readonly #client: Client;

  constructor(resource: ResourceDescriptor<T>, options: ApiOptions) {
    this.resource = resource;
    this.namespace = options.namespace ?? options.client.namespace;
    this.#client = options.client;
  }

  /** Attaching to a container's process; only where the resource has it. */
  get attach(): AttachOf<T, AttachApi> {
    this.#demand("attach");
    return availableOn(createAttachApi(this.#client, this.namespace));
  }

  /** Running commands in a container; only where the resource has it. */
  get exec(): ExecOf<T, ExecApi> {
    this.#demand("exec");
    return availableOn(createExecApi(this.#client, this.namespace));
  }

  /** Creates the object; apiVersion and kind are filled in. */
  create(object: Creatable<T>, options: CallOptions = {}): Promise<Stored<T>> {
    const namespace = options.namespace ?? object.metadata?.namespace;
    const { apiVersion, kind } = this.resource;
    const body = { ...object, apiVersion, kind };
    return this.#call({ ...options, ...(namespace && { namespace }) }, { method: "POST", body });
  }

  get(name: string, options: CallOptions = {}): Promise<Stored<T>> {
    return this.#call(options, { method: "GET", name });
  }

  /** One page of objects. */
  list(options: ListOptions = {}): Promise<ResourceList<T>> {
    const { labelSelector, fieldSelector, limit } = options;
    const query = { labelSelector, fieldSelector, limit, continue: options.continue };
    return this.#call(options, { method: "GET", query });
  }

  /** Deletes the object; answers with what the server answers: the object on its way out, or a Status. */
  delete(name: string, options: DeleteOptions = {}): Promise<KubernetesObject> {
    const { gracePeriodSeconds, propagationPolicy } = options;
    return this.#call(options, { method: "DELETE", name, query: { gracePeriodSeconds, propagationPolicy } });
  }

  /** Changes as they happen, until the server ends the watch or the loop is left. */
  watch(options: WatchOptions = {}): AsyncGenerator<WatchEvent<Stored<T>>, void> {
    const { labelSelector, fieldSelector, resourceVersion } = options;
    const query = { labelSelector, fieldSelector, resourceVersion };
    return watchEvents(this.#client, this.#collection(options.namespace), query, options.signal);
  }

  /** The object as soon as the condition holds; `NOT_FOUND` when it goes away, `TIMEOUT` within `requestTimeoutMs`. */
  async waitFor(
    name: string,
    condition: (object: Stored<T>) => boolean,
    options: CallOptions = {},
  ): Promise<Stored<T>> {
    const timeoutMs = options.requestTimeoutMs ?? this.#client.requestTimeoutMs;
    const deadline = createDeadline(
      options.signal,
      timeoutMs,
      () =>
        new ClientError(
          "TIMEOUT",
          `${this.resource.kind} ${name} did not meet the condition within ${timeoutMs} ms`,
        ),
    );
    try {
      const collection = this.#collection(options.namespace);
      for await (const object of followObject<T>(
        this.#client,
        collection,
        checkName(name),
        deadline.signal,
      )) {
        if (object && condition(object)) return object;
      }
    } finally {
      deadline.dispose();
    }
    throw new ClientError("NOT_FOUND", `${this.resource.plural} "${name}" not found`, { httpStatus: 404 });
  }

  #collection(namespace = this.namespace): string {
    const { apiVersion, namespaced, plural } = this.resource;
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    return namespaced ? `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}` : `${root}/${plural}`;
  }

  #call<R>(options: CallOptions, call: ApiCall): Promise<R> {
    const collection = this.#collection(options.namespace);
    const path =
      call.name === undefined ? collection : `${collection}/${encodeURIComponent(checkName(call.name))}`;
    const { signal, requestTimeoutMs } = options;
    const { method, query, body } = call;
    return request(this.#client, { method, path, query, body, signal, requestTimeoutMs });
  }

  #demand(subresource: Subresource): void {
    if (this.resource.subresources.includes(subresource)) return;
    throw new NotImplementedError(
      `${this.resource.kind} has no ${subresource} subresource; of the built-in resources Pod has`,
    );
  }
}

function checkName(name: string): string {
  if (typeof name === "string" && name !== "") return name;
  throw new TypeError("the object's name must be a non-empty string");
}

// Whether the mark is on T is known to the caller's compiler and, through the descriptor, at run time.
function availableOn<A, R>(subresource: A): R;
function availableOn(subresource: unknown): unknown {
  return subresource;
}
