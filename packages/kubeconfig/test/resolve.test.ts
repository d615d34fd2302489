import { describe, expect, it } from "vitest";
import { KubeconfigError, parseKubeconfig, type ResolvedContext, resolveContext } from "../src/index.ts";

interface Parts {
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
}

function resolved({ context, cluster, user }: Parts): ResolvedContext {
  return resolveContext(
    parseKubeconfig(`
current-context: here
contexts: [{name: here, context: {${context ?? "cluster: home, user: me"}}}]
clusters: [{name: home, cluster: {${cluster ?? 'server: "https://a.example/k8s"'}}}]
users: [{name: me, user: {${user ?? "token: abc"}}}]
`),
  );
}

function errorOf(run: () => unknown): KubeconfigError {
  try {
    run();
  } catch (error) {
    if (error instanceof KubeconfigError) return error;
    throw error;
  }
  throw new Error("it was resolved");
}

describe("resolving a context", () => {
  it("joins the context with its cluster and its user", () => {
    const context = resolved({ cluster: 'server: "https://a.example/k8s", tls-server-name: b.example' });
    expect(context).toMatchObject({
      name: "here",
      server: "https://a.example/k8s",
      namespace: "default",
      headers: {},
      tlsServerName: "b.example",
      insecureSkipTlsVerify: false,
    });
    expect(context.token?.reveal()).toBe("abc");
  });

  it("takes the namespace of the context", () => {
    expect(resolved({ context: "cluster: home, namespace: work" }).namespace).toBe("work");
  });

  it("is anonymous when the context names no user", () => {
    expect(resolved({ context: "cluster: home" }).token).toBeUndefined();
  });

  it("takes the named context before the current one", () => {
    const kubeconfig = parseKubeconfig(`
current-context: a
contexts: [{name: a, context: {cluster: a}}, {name: b, context: {cluster: b}}]
clusters: [{name: a, cluster: {server: "https://a"}}, {name: b, cluster: {server: "https://b"}}]
`);
    expect(resolveContext(kubeconfig).server).toBe("https://a");
    expect(resolveContext(kubeconfig, "b").server).toBe("https://b");
  });

  it("says which contexts there are when none is current", () => {
    const two = parseKubeconfig("contexts: [{name: a}, {name: b}]");
    expect(errorOf(() => resolveContext(two))).toMatchObject({
      code: "NO_CURRENT_CONTEXT",
      message: 'no context is current; there are "a", "b"',
    });
    expect(errorOf(() => resolveContext(parseKubeconfig("")))).toMatchObject({
      code: "NO_CURRENT_CONTEXT",
      message: "no context is current; there are none",
    });
  });

  it("names ten contexts at most", () => {
    const names = Array.from({ length: 11 }, (_, index) => `{name: c${index}}`);
    const kubeconfig = parseKubeconfig(`contexts: [${names.join(", ")}]`);
    const { code, message } = errorOf(() => resolveContext(kubeconfig, "x"));
    expect(code).toBe("UNKNOWN_CONTEXT");
    expect(message).toMatch(/^no context "x"; there are "c0", .*"c9" and others$/);
  });

  const refusals: readonly [Parts, string, string][] = [
    [{ context: "user: me" }, "UNKNOWN_CLUSTER", 'context "here" names no cluster'],
    [{ context: "cluster: x" }, "UNKNOWN_CLUSTER", 'no cluster "x", which context "here" names'],
    [{ context: "cluster: home, user: x" }, "UNKNOWN_USER", 'no user "x", which context "here" names'],
    [{ cluster: "" }, "BAD_KUBECONFIG", 'cluster "home" has no server'],
    [{ cluster: "server: a.example" }, "BAD_KUBECONFIG", 'the server of cluster "home" is not a URL'],
    [
      { cluster: "server: 'ftp://a.example'" },
      "BAD_KUBECONFIG",
      'the server of cluster "home" is not an http or https URL',
    ],
    [
      { cluster: "server: 'https://me:s3cret@a.example'" },
      "BAD_KUBECONFIG",
      'the server of cluster "home" has a user, a password, a query or a fragment',
    ],
    [
      { cluster: "server: 'https://a', insecure-skip-tls-verify: true, certificate-authority: ca.crt" },
      "BAD_KUBECONFIG",
      'cluster "home" has a certificate authority together with insecure-skip-tls-verify',
    ],
    [
      { cluster: "server: 'https://a', proxy-url: 'http://me:s3cret@proxy'" },
      "UNSUPPORTED_PROXY",
      'cluster "home" has a proxy-url, which is not supported',
    ],
    [
      { user: "client-certificate: me.crt" },
      "BAD_KUBECONFIG",
      'user "me" has a client certificate without its key',
    ],
    [{ user: "client-key: me.key" }, "BAD_KUBECONFIG", 'user "me" has a client key without its certificate'],
    [
      { user: "exec: {command: /opt/bin/login, args: [s3cret]}" },
      "UNSUPPORTED_AUTH",
      'user "me" authenticates with the exec plugin "login"; a token or a client certificate is supported',
    ],
    [
      { user: "auth-provider: {name: oidc, config: {id-token: s3cret}}" },
      "UNSUPPORTED_AUTH",
      'user "me" authenticates with the auth provider "oidc"; a token or a client certificate is supported',
    ],
    [
      { user: "username: me, password: s3cret" },
      "UNSUPPORTED_AUTH",
      'user "me" authenticates with a user name and password, which Kubernetes has not accepted since 1.19; a token or a client certificate is supported',
    ],
    [
      { user: "as-groups: [a]" },
      "BAD_KUBECONFIG",
      'user "me" has as-uid, as-groups or as-user-extra without as',
    ],
    [
      { user: "as: boss, as-groups: [a, b]" },
      "UNSUPPORTED_AUTH",
      'as-groups of user "me" has several values; only one can be sent',
    ],
    [{ user: 'as: "a\\r\\nb"' }, "BAD_KUBECONFIG", 'as of user "me" has a control character'],
  ];

  it.each(refusals)("refuses %j with %s", (parts, code, message) => {
    expect(errorOf(() => resolved(parts))).toMatchObject({ code, message });
  });

  it("makes headers of impersonation, escaped as client-go escapes them", () => {
    const user =
      "as: Zoë, as-uid: u1, as-groups: [dev], as-user-extra: {example.org/Scopes: [view], none: []}";
    expect(resolved({ user }).headers).toEqual({
      "Impersonate-User": "ZoÃ«",
      "Impersonate-Uid": "u1",
      "Impersonate-Group": "dev",
      "Impersonate-Extra-example.org%2Fscopes": "view",
    });
  });
});
