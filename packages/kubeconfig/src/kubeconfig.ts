import type { Secret } from "./secret.ts";

/** One or several kubeconfig files as read: entries by name, paths absolute, secrets hidden. */
export interface Kubeconfig {
  readonly currentContext?: string;
  readonly contexts: ReadonlyMap<string, Context>;
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly users: ReadonlyMap<string, User>;
}

/** Which cluster, as which user, in which namespace. */
export interface Context {
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
}

/** Where an API server is and how it proves itself. */
export interface Cluster {
  readonly server?: string;
  readonly certificateAuthority?: Pem;
  readonly tlsServerName?: string;
  readonly insecureSkipTlsVerify: boolean;
  /** Whether the entry has a `proxy-url`, which may hold a password and is not kept. */
  readonly proxied: boolean;
}

/** How to prove who is calling. */
export interface User {
  readonly clientCertificate?: Pem;
  readonly clientKey?: Pem;
  readonly token?: Secret;
  readonly tokenFile?: string;
  readonly impersonation?: Impersonation;
  /** What this package cannot authenticate with, for the error that says so; arguments are not kept. */
  readonly unsupported?: string;
}

/** PEM in a file or in the kubeconfig itself. */
export type Pem = { readonly path: string } | { readonly data: Secret };

/** On whose behalf to call. */
export interface Impersonation {
  readonly user?: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra: ReadonlyMap<string, readonly string[]>;
}
