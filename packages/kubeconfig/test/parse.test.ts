import { resolve } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { type Kubeconfig, KubeconfigError, parseKubeconfig } from "../src/index.ts";

const whole = `
apiVersion: v1
kind: Config
current-context: home
preferences: {}
contexts:
- name: home
  context: {cluster: here, user: me, namespace: work}
clusters:
- name: here
  cluster:
    server: https://127.0.0.1:6443
    certificate-authority: pki/ca.crt
    tls-server-name: kubernetes
users:
- name: me
  user:
    client-certificate: me.crt
    client-key-data: c2VjcmV0IGtleQ==
    token: abc
    tokenFile: /run/token
    as: boss
`;

function errorOf(text: string, source?: string): KubeconfigError {
  try {
    parseKubeconfig(text, source === undefined ? {} : { source });
  } catch (error) {
    if (error instanceof KubeconfigError) return error;
    throw error;
  }
  throw new Error("it was parsed");
}

function users(fields: string): string {
  return `users: [{name: me, user: {${fields}}}]`;
}

describe("parsing a kubeconfig", () => {
  it("reads contexts, clusters and users by name", () => {
    const parsed = parseKubeconfig(whole, { source: "/home/me/.kube/config" });
    expect(parsed.currentContext).toBe("home");
    expect(parsed.contexts).toEqual(new Map([["home", { cluster: "here", user: "me", namespace: "work" }]]));
    expect(parsed.clusters).toEqual(
      new Map([
        [
          "here",
          {
            server: "https://127.0.0.1:6443",
            certificateAuthority: { path: resolve("/home/me/.kube/pki/ca.crt") },
            tlsServerName: "kubernetes",
            insecureSkipTlsVerify: false,
            proxied: false,
          },
        ],
      ]),
    );
    const user = parsed.users.get("me");
    expect(user?.clientCertificate).toEqual({ path: resolve("/home/me/.kube/me.crt") });
    expect(user?.clientKey && "data" in user.clientKey && user.clientKey.data.reveal()).toBe("secret key");
    expect(user?.token?.reveal()).toBe("abc");
    expect(user?.tokenFile).toBe(resolve("/run/token"));
    expect(user?.impersonation).toEqual({ user: "boss", groups: [], extra: new Map() });
  });

  it("starts relative paths at the working directory when it knows no file", () => {
    const parsed = parseKubeconfig(users("tokenFile: token"));
    expect(parsed.users.get("me")?.tokenFile).toBe(resolve("token"));
  });

  it("reads JSON, also when it is indented with tabs", () => {
    const json = JSON.stringify({ "current-context": "a", contexts: [{ name: "a" }] }, undefined, "\t");
    expect(parseKubeconfig(json)).toMatchObject({ currentContext: "a", contexts: new Map([["a", {}]]) });
  });

  it("follows YAML anchors and merge keys", () => {
    const parsed = parseKubeconfig(`
clusters:
- name: a
  cluster: &a {server: "https://a", tls-server-name: x}
- name: b
  cluster: {<<: *a, server: "https://b"}
`);
    expect(parsed.clusters.get("b")).toMatchObject({ server: "https://b", tlsServerName: "x" });
  });

  it.each([
    ["nothing", ""],
    ["only a comment", "# none yet\n"],
    [
      "null lists, as kubectl writes them",
      "clusters: null\ncontexts: null\nusers: null\ncurrent-context: ''",
    ],
  ])("takes %s for an empty kubeconfig", (_, text) => {
    const empty: Kubeconfig = { contexts: new Map(), clusters: new Map(), users: new Map() };
    expect(parseKubeconfig(text)).toEqual(empty);
  });

  it("takes the -data field before the path", () => {
    const parsed = parseKubeconfig(users("client-key: me.key, client-key-data: a2V5"));
    expect(Object.keys(parsed.users.get("me")?.clientKey ?? {})).toEqual(["data"]);
  });

  it("takes base64 that is broken into lines", () => {
    const parsed = parseKubeconfig('users: [{name: me, user: {client-key-data: "c2Vj\\ncmV0\\n"}}]');
    const key = parsed.users.get("me")?.clientKey;
    expect(key && "data" in key && key.data.reveal()).toBe("secret");
  });

  it.each([
    ["- a", "kubeconfig: is not a mapping"],
    ["plain text", "kubeconfig: is not a mapping"],
    ["kind: Pod", "kubeconfig: kind and apiVersion are not Config and v1"],
    ["apiVersion: v2", "kubeconfig: kind and apiVersion are not Config and v1"],
    ["current-context: 1", "kubeconfig: current-context is not a string"],
    ["contexts: {}", "kubeconfig: contexts is not a list"],
    ["contexts: [{context: {}}]", "kubeconfig: contexts[0] has no name"],
    ["contexts: [{name: a}, {name: a}]", 'kubeconfig: contexts has two entries called "a"'],
    ["clusters: [{name: a, cluster: []}]", "kubeconfig: clusters[0].cluster is not a mapping"],
    [
      'clusters: [{name: a, cluster: {insecure-skip-tls-verify: "true"}}]',
      "kubeconfig: clusters[0].cluster.insecure-skip-tls-verify is not true or false",
    ],
    [users("token: 12345"), "kubeconfig: users[0].user.token is not a string"],
    [users("client-key-data: 'no base64'"), "kubeconfig: users[0].user.client-key-data is not base64"],
    [users("client-key-data: YQ"), "kubeconfig: users[0].user.client-key-data is not base64"],
    [users("as: a, as-groups: [1]"), "kubeconfig: users[0].user.as-groups[0] is not a string"],
    [users("as: a, as-user-extra: {k: v}"), "kubeconfig: users[0].user.as-user-extra.k is not a list"],
  ])("refuses %j", (text, message) => {
    expect(errorOf(text)).toMatchObject({ code: "BAD_KUBECONFIG", message });
  });

  it.each([
    ["a: [s3cret", "line 1, column 11: BAD_INDENT"],
    ["users:\n  token: s3cret\n token: s3cret: x", "line 3, column"],
    ["token: s3cret\ntoken: s3cret", "line 2, column 1: DUPLICATE_KEY"],
    ["token: *s3cret", "an alias refers to nothing"],
    ['{"token": "s3cret", }}', "line 1"],
    ["--- \na: s3cret\n---\nb: 1", "MULTIPLE_DOCS"],
    ["a: &s3cret [*s3cret, *s3cret]\n? [*other]\n", "an alias"],
  ])("says where YAML is broken without quoting it: %j", (text, place) => {
    const error = errorOf(text, "/etc/kube.yaml");
    expect(error.code).toBe("BAD_YAML");
    expect(error.message).toContain("/etc/kube.yaml: ");
    expect(error.message).toContain(place);
    expect(inspect(error, { showHidden: true, depth: 10 })).not.toContain("s3cret");
  });

  it("shows no secret in inspect or JSON", () => {
    const parsed = parseKubeconfig(whole);
    const user = parsed.users.get("me");
    const shown = inspect(parsed, { showHidden: true, depth: 10 }) + JSON.stringify(user);
    expect(shown).not.toMatch(/abc|secret key|c2VjcmV0/);
  });

  it("keeps nothing of a password, a proxy's URL or a plugin's arguments", () => {
    const parsed = parseKubeconfig(`
clusters: [{name: c, cluster: {proxy-url: "http://me:s3cret@proxy"}}]
users:
- name: basic
  user: {username: me, password: s3cret}
- name: plugin
  user:
    exec: {command: /opt/bin/login, args: [--password, s3cret], env: [{name: PASSWORD, value: s3cret}]}
- name: provider
  user: {auth-provider: {name: oidc, config: {refresh-token: s3cret}}}
`);
    expect(inspect(parsed, { showHidden: true, depth: 10 })).not.toContain("s3cret");
    expect(parsed.clusters.get("c")?.proxied).toBe(true);
  });
});
