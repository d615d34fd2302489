import type { ListMeta, ObjectMeta } from "./kubernetes.ts";

/** The least that every Kubernetes object has. */
export interface KubernetesObject {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
}

declare const attachMark: unique symbol;
declare const execMark: unique symbol;

/** Marks an object type whose resource has the `attach` subresource. */
export interface HasAttach {
  readonly [attachMark]?: never;
}

/** Marks an object type whose resource has the `exec` subresource. */
export interface HasExec {
  readonly [execMark]?: never;
}

/** `A` where the object type carries the mark, `SubresourceNotAvailable` elsewhere. */
export type AttachOf<T, A> = typeof attachMark extends keyof T ? A : SubresourceNotAvailable;
export type ExecOf<T, A> = typeof execMark extends keyof T ? A : SubresourceNotAvailable;

/** The type of a subresource that a resource does not have: using it is a compile error. */
export interface SubresourceNotAvailable {
  readonly subresourceNotAvailable: never;
}

export type Subresource = "attach" | "exec";

/** What the API needs to know of a resource: its names, its scope, its subresources. */
export interface ResourceDescriptor<T extends KubernetesObject> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly subresources: readonly Subresource[];
  /** Carries the object type; never there at run time. */
  readonly object?: T;
}

/** An object as the server stores it: it has a name, a uid and a version. */
export type Stored<T extends KubernetesObject> = T & {
  metadata: ObjectMeta & { name: string; uid: string; resourceVersion: string };
};

/** An object to create: the descriptor fills in apiVersion and kind, the server writes the status. */
export type Creatable<T extends KubernetesObject> = Omit<T, "apiVersion" | "kind" | "status"> & {
  readonly apiVersion?: T["apiVersion"];
  readonly kind?: T["kind"];
};

/** One page of a list. */
export interface ResourceList<T extends KubernetesObject> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly Stored<T>[];
}
