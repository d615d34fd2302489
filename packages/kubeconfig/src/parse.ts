import { basename, dirname, resolve } from "node:path";
import { readDocument } from "./document.ts";
import { bad, base64Text, type Fields, fieldsOf, flag, has, named, nested, text, texts } from "./fields.ts";
import type { Cluster, Context, Impersonation, Kubeconfig, Pem, User } from "./kubeconfig.ts";
import { type Secret, secret } from "./secret.ts";

export interface ParseOptions {
  /** Path of the file: errors name it, and relative paths start at its folder; the working directory by default. */
  readonly source?: string;
}

/** Reads the text of a kubeconfig, YAML or JSON; does no I/O. An empty text is an empty kubeconfig. */
export function parseKubeconfig(content: string, options: ParseOptions = {}): Kubeconfig {
  const source = options.source ?? "kubeconfig";
  const folder = options.source === undefined ? process.cwd() : dirname(resolve(options.source));
  const root = fieldsOf(readDocument(content, source), `${source}:`);
  checkKind(root);
  return {
    ...one("currentContext", text(root, "current-context")),
    contexts: mapValues(named(root, "contexts", "context"), contextOf),
    clusters: mapValues(named(root, "clusters", "cluster"), (fields) => clusterOf(fields, folder)),
    users: mapValues(named(root, "users", "user"), (fields) => userOf(fields, folder)),
  };
}

function checkKind(root: Fields): void {
  const kind = text(root, "kind") ?? "Config";
  const version = text(root, "apiVersion") ?? "v1";
  if (kind !== "Config" || version !== "v1") {
    throw bad(`${root.where} kind and apiVersion are not Config and v1`);
  }
}

function contextOf(fields: Fields): Context {
  return {
    ...one("cluster", text(fields, "cluster")),
    ...one("user", text(fields, "user")),
    ...one("namespace", text(fields, "namespace")),
  };
}

function clusterOf(fields: Fields, folder: string): Cluster {
  return {
    ...one("server", text(fields, "server")),
    ...one("certificateAuthority", pemOf(fields, "certificate-authority", folder)),
    ...one("tlsServerName", text(fields, "tls-server-name")),
    insecureSkipTlsVerify: flag(fields, "insecure-skip-tls-verify"),
    proxied: has(fields, "proxy-url"),
  };
}

function userOf(fields: Fields, folder: string): User {
  return {
    ...one("clientCertificate", pemOf(fields, "client-certificate", folder)),
    ...one("clientKey", pemOf(fields, "client-key", folder)),
    ...one("token", secretOf(text(fields, "token"))),
    ...one("tokenFile", pathOf(fields, "tokenFile", folder)),
    ...one("impersonation", impersonationOf(fields)),
    ...one("unsupported", unsupportedOf(fields)),
  };
}

/** The `-data` field wins over the path, as for kubectl. */
function pemOf(fields: Fields, name: string, folder: string): Pem | undefined {
  const data = secretOf(base64Text(fields, `${name}-data`));
  if (data !== undefined) return { data };
  const path = pathOf(fields, name, folder);
  return path === undefined ? undefined : { path };
}

function pathOf(fields: Fields, name: string, folder: string): string | undefined {
  const path = text(fields, name);
  return path === undefined ? undefined : resolve(folder, path);
}

function impersonationOf(fields: Fields): Impersonation | undefined {
  const extra = nested(fields, "as-user-extra");
  const impersonation = {
    ...one("user", text(fields, "as")),
    ...one("uid", text(fields, "as-uid")),
    groups: texts(fields, "as-groups"),
    extra: new Map(Object.keys(extra.values).map((key) => [key, texts(extra, key)])),
  };
  const none = !has(fields, "as") && !has(fields, "as-uid");
  return none && impersonation.groups.length === 0 && impersonation.extra.size === 0
    ? undefined
    : impersonation;
}

function unsupportedOf(fields: Fields): string | undefined {
  if (has(fields, "exec")) {
    const command = text(nested(fields, "exec"), "command");
    return command === undefined ? "an exec plugin" : `the exec plugin ${JSON.stringify(basename(command))}`;
  }
  if (has(fields, "auth-provider")) {
    const name = text(nested(fields, "auth-provider"), "name");
    return name === undefined ? "an auth provider" : `the auth provider ${JSON.stringify(name)}`;
  }
  if (has(fields, "username") || has(fields, "password")) {
    return "a user name and password, which Kubernetes has not accepted since 1.19";
  }
  return undefined;
}

function secretOf(value: string | undefined): Secret | undefined {
  return value === undefined ? undefined : secret(value);
}

/** A property that is left out when it has no value. */
function one<K extends string, V>(name: K, value: V | undefined): Partial<Record<K, V>> {
  const property: Partial<Record<K, V>> = {};
  if (value !== undefined) property[name] = value;
  return property;
}

function mapValues<A, B>(map: ReadonlyMap<string, A>, change: (value: A) => B): ReadonlyMap<string, B> {
  return new Map([...map].map(([name, value]) => [name, change(value)]));
}
