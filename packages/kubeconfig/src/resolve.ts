import { KubeconfigError } from "./errors.ts";
import { bad } from "./fields.ts";
import { impersonationHeaders } from "./impersonation.ts";
import type { Cluster, Context, Kubeconfig, Pem, User } from "./kubeconfig.ts";
import type { Secret } from "./secret.ts";

/** One context with everything it refers to, checked as far as that needs no file. */
export interface ResolvedContext {
  readonly name: string;
  /** Base URL of the API server. */
  readonly server: string;
  readonly namespace: string;
  /** The headers of impersonation. */
  readonly headers: Readonly<Record<string, string>>;
  readonly certificateAuthority?: Pem;
  readonly tlsServerName?: string;
  readonly insecureSkipTlsVerify: boolean;
  readonly clientCertificate?: { readonly certificate: Pem; readonly key: Pem };
  readonly token?: Secret;
  readonly tokenFile?: string;
}

const anonymous: User = {};

/** Looks up a context, the current one by default, with its cluster and user; does no I/O. */
export function resolveContext(kubeconfig: Kubeconfig, name?: string): ResolvedContext {
  const contextName = name ?? kubeconfig.currentContext;
  if (contextName === undefined) {
    throw new KubeconfigError("NO_CURRENT_CONTEXT", `no context is current; ${contextsOf(kubeconfig)}`);
  }
  const context = kubeconfig.contexts.get(contextName);
  if (context === undefined) {
    throw new KubeconfigError(
      "UNKNOWN_CONTEXT",
      `no context ${quote(contextName)}; ${contextsOf(kubeconfig)}`,
    );
  }
  const cluster = clusterOf(kubeconfig, context, contextName);
  const user = userOf(kubeconfig, context, contextName);
  const clientCertificate = clientCertificateOf(user, context.user ?? "");
  return {
    name: contextName,
    server: serverOf(cluster, context.cluster ?? ""),
    namespace: context.namespace ?? "default",
    headers:
      user.impersonation === undefined ? {} : impersonationHeaders(user.impersonation, context.user ?? ""),
    insecureSkipTlsVerify: cluster.insecureSkipTlsVerify,
    ...(cluster.certificateAuthority && { certificateAuthority: cluster.certificateAuthority }),
    ...(cluster.tlsServerName && { tlsServerName: cluster.tlsServerName }),
    ...(clientCertificate && { clientCertificate }),
    ...(user.token && { token: user.token }),
    ...(user.tokenFile && { tokenFile: user.tokenFile }),
  };
}

function clusterOf(kubeconfig: Kubeconfig, context: Context, contextName: string): Cluster {
  const cluster = context.cluster === undefined ? undefined : kubeconfig.clusters.get(context.cluster);
  if (cluster === undefined) {
    throw new KubeconfigError(
      "UNKNOWN_CLUSTER",
      context.cluster === undefined
        ? `context ${quote(contextName)} names no cluster`
        : `no cluster ${quote(context.cluster)}, which context ${quote(contextName)} names`,
    );
  }
  const where = `cluster ${quote(context.cluster ?? "")}`;
  if (cluster.proxied) {
    throw new KubeconfigError("UNSUPPORTED_PROXY", `${where} has a proxy-url, which is not supported`);
  }
  if (cluster.insecureSkipTlsVerify && cluster.certificateAuthority !== undefined) {
    throw bad(`${where} has a certificate authority together with insecure-skip-tls-verify`);
  }
  return cluster;
}

function userOf(kubeconfig: Kubeconfig, context: Context, contextName: string): User {
  if (context.user === undefined) return anonymous;
  const user = kubeconfig.users.get(context.user);
  if (user === undefined) {
    throw new KubeconfigError(
      "UNKNOWN_USER",
      `no user ${quote(context.user)}, which context ${quote(contextName)} names`,
    );
  }
  if (user.unsupported !== undefined) {
    throw new KubeconfigError(
      "UNSUPPORTED_AUTH",
      `user ${quote(context.user)} authenticates with ${user.unsupported}; a token or a client certificate is supported`,
    );
  }
  return user;
}

function clientCertificateOf(user: User, name: string): { certificate: Pem; key: Pem } | undefined {
  const { clientCertificate: certificate, clientKey: key } = user;
  if (certificate !== undefined && key !== undefined) return { certificate, key };
  if (certificate !== undefined) throw bad(`user ${quote(name)} has a client certificate without its key`);
  if (key !== undefined) throw bad(`user ${quote(name)} has a client key without its certificate`);
  return undefined;
}

/** The server's URL; it is not quoted in errors because it may hold a password. */
function serverOf(cluster: Cluster, name: string): string {
  const where = `cluster ${quote(name)}`;
  if (cluster.server === undefined) throw bad(`${where} has no server`);
  let url: URL;
  try {
    url = new URL(cluster.server);
  } catch {
    throw bad(`the server of ${where} is not a URL`);
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw bad(`the server of ${where} is not an http or https URL`);
  }
  if (url.username || url.password || url.search || url.hash) {
    throw bad(`the server of ${where} has a user, a password, a query or a fragment`);
  }
  return cluster.server;
}

function contextsOf(kubeconfig: Kubeconfig): string {
  const names = [...kubeconfig.contexts.keys()];
  if (names.length === 0) return "there are none";
  const shown = names.slice(0, 10).map(quote).join(", ");
  return `there are ${shown}${names.length > 10 ? " and others" : ""}`;
}

function quote(name: string): string {
  return JSON.stringify(name);
}
