import { checkInteger, segmentOf } from "./arguments.ts";
import type { Client } from "./client.ts";
import { createDeadline, within } from "./deadline.ts";
import { NotImplementedError } from "./errors.ts";
import { followObject } from "./follow.ts";
import { notFound } from "./http-error.ts";
import { type Call, type CallOptions, callDeadline, request } from "./request.ts";
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

/** One kind of resource of one API server: `new Api(Pod, { client })`. */
export class Api<T extends KubernetesObject> {
  readonly resource: ResourceDescriptor<T>;
  readonly namespace: string;
  readonly #client: Client;

  constructor(resource: ResourceDescriptor<T>, options: ApiOptions) {
    this.resource = resource;
    this.namespace = options.namespace ?? options.client.namespace;
    this.#client = options.client;
    segmentOf("namespace", this.namespace);
  }

  /** Attaching to a container's process; only where the resource has it. */
  get attach(): AttachOf<T, AttachApi> {
    this.#demand("attach");
    return availableOn(createAttachApi(this.#client, (namespace) => this.#collection(namespace)));
  }

  /** Running commands in a container; only where the resource has it. */
  get exec(): ExecOf<T, ExecApi> {
    this.#demand("exec");
    return availableOn(createExecApi(this.#client, (namespace) => this.#collection(namespace)));
  }

  /** Creates the object; apiVersion and kind are filled in. */
  async create(object: Creatable<T>, options: CallOptions = {}): Promise<Stored<T>> {
    const { apiVersion, kind } = this.resource;
    const path = this.#collection(options.namespace ?? object.metadata?.namespace);
    return await this.#call(options, { method: "POST", path, body: { ...object, apiVersion, kind } });
  }

  async get(name: string, options: CallOptions = {}): Promise<Stored<T>> {
    return await this.#call(options, { method: "GET", path: this.#path(name, options) });
  }

  /** One page of objects. */
  async list(options: ListOptions = {}): Promise<ResourceList<T>> {
    const { labelSelector, fieldSelector, limit } = options;
    checkInteger("limit", limit);
    const query = { labelSelector, fieldSelector, limit, continue: options.continue };
    return await this.#call(options, { method: "GET", path: this.#collection(options.namespace), query });
  }

  /** Deletes the object; answers with what the server answers: the object on its way out, or a Status. */
  async delete(name: string, options: DeleteOptions = {}): Promise<KubernetesObject> {
    const { gracePeriodSeconds, propagationPolicy } = options;
    checkInteger("gracePeriodSeconds", gracePeriodSeconds, 0);
    const query = { gracePeriodSeconds, propagationPolicy };
    return await this.#call(options, { method: "DELETE", path: this.#path(name, options), query });
  }

  /** Changes as they happen, until the server ends the watch or the loop is left. */
  async *watch(options: WatchOptions = {}): AsyncGenerator<WatchEvent<Stored<T>>, void> {
    const { labelSelector, fieldSelector, resourceVersion } = options;
    const query = { labelSelector, fieldSelector, resourceVersion };
    const collection = this.#collection(options.namespace);
    const deadline = createDeadline(options.signal);
    try {
      yield* watchEvents<Stored<T>>(this.#client, collection, query, deadline);
    } finally {
      deadline.dispose();
    }
  }

  /** The object as soon as the condition holds; `NOT_FOUND` when it goes away, `TIMEOUT` within `requestTimeoutMs`. */
  async waitFor(
    name: string,
    condition: (object: Stored<T>) => boolean,
    options: CallOptions = {},
  ): Promise<Stored<T>> {
    const { kind, plural } = this.resource;
    segmentOf("name", name);
    const collection = this.#collection(options.namespace);
    const limit = callDeadline(
      this.#client,
      options,
      (time) => `${kind} ${name} did not meet the condition ${time}`,
    );
    return await within(limit, async (deadline) => {
      for await (const object of followObject<T>(this.#client, collection, name, deadline)) {
        if (object && condition(object)) return object;
      }
      throw notFound(plural, name);
    });
  }

  #collection(namespace = this.namespace): string {
    const { apiVersion, namespaced, plural } = this.resource;
    const root = `/${apiVersion.includes("/") ? "apis" : "api"}/${apiVersion}`;
    return `${root}${namespaced ? `/namespaces/${segmentOf("namespace", namespace)}` : ""}/${plural}`;
  }

  #path(name: string, { namespace }: CallOptions): string {
    return `${this.#collection(namespace)}/${segmentOf("name", name)}`;
  }

  #call<R>(options: CallOptions, call: Call): Promise<R> {
    const limit = callDeadline(
      this.#client,
      options,
      (time) => `${call.method} ${call.path} had no answer ${time}`,
    );
    return within(limit, (deadline) => request<R>(this.#client, call, deadline));
  }

  #demand(subresource: Subresource): void {
    if (this.resource.subresources.includes(subresource)) return;
    throw new NotImplementedError(
      `${this.resource.kind} has no ${subresource} subresource; of the built-in resources Pod has`,
    );
  }
}

// Whether the mark is on T is known to the caller's compiler and, through the descriptor, at run time.
function availableOn<A, R>(subresource: A): R;
function availableOn(subresource: unknown): unknown {
  return subresource;
}
