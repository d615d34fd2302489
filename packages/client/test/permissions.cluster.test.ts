import { loadKubeconfig } from "@podwire/kubeconfig";
import { afterAll, describe, expect, test } from "vitest";
import { Api, createClient, Pod } from "../src/index.ts";
import { useCluster } from "./cluster.ts";

// Users of a real cluster with some permissions and not others; the kubeconfig's own user must be an administrator.

const rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default";
const users = {
  /** May read Pods, and may not open sessions. */
  "podwire-test-reader": [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] }],
  /** May open sessions, and may not read Pods. */
  "podwire-test-caller": [
    { apiGroups: [""], resources: ["pods/exec", "pods/attach"], verbs: ["get", "create"] },
  ],
  /** May open sessions as Kubernetes up to 1.34 wants it for a WebSocket, by GET alone. */
  "podwire-test-getter": [{ apiGroups: [""], resources: ["pods/exec", "pods/attach"], verbs: ["get"] }],
} as const;

let name: string;

async function send(method: string, path: string, body?: object): Promise<number> {
  const { config } = cluster;
  if (!config.fetch) throw new Error("the kubeconfig's fetch is missing");
  const response = await config.fetch(`${config.server}${path}`, {
    method,
    headers: { "content-type": "application/json" },
    redirect: "manual",
    ...(body && { body: JSON.stringify(body) }),
  });
  await response.text();
  return response.status;
}

function apiAs(user: string): Api<Pod> {
  return new Api(Pod, { client: createClient({ ...cluster.config, headers: { "impersonate-user": user } }) });
}

const cluster = useCluster(loadKubeconfig, async ({ pods }) => {
  for (const [user, rules] of Object.entries(users)) {
    const metadata = { name: user };
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: user };
    const subjects = [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: user }];
    expect([201, 409]).toContain(await send("POST", `${rbac}/roles`, { metadata, rules }));
    expect([201, 409]).toContain(await send("POST", `${rbac}/rolebindings`, { metadata, roleRef, subjects }));
  }
  name = await pods.run("echo hello; exec sleep 3600");
});

afterAll(async () => {
  for (const user of Object.keys(users)) {
    await send("DELETE", `${rbac}/rolebindings/${user}`);
    await send("DELETE", `${rbac}/roles/${user}`);
  }
});

describe.for(["v5.channel.k8s.io", "v4.channel.k8s.io"])("over %s", (protocol) => {
  const protocols = [protocol];

  test("a user without any permission is refused in the server's own words", async () => {
    const api = apiAs("podwire-test-nobody");
    for (const opening of [
      () => api.exec.stream(name, { command: ["true"], protocols }),
      () => api.attach.stream(name, { protocols }),
      () => api.get(name),
    ]) {
      await expect(opening()).rejects.toMatchObject({
        code: "FORBIDDEN",
        httpStatus: 403,
        status: { reason: "Forbidden", details: { name, kind: "pods" } },
        message: expect.stringContaining('User "podwire-test-nobody" cannot'),
      });
    }
  });

  test("a user who may only read Pods can neither exec nor attach", async () => {
    const api = apiAs("podwire-test-reader");
    await expect(api.exec.run(name, { command: ["true"], protocols })).rejects.toMatchObject({
      code: "FORBIDDEN",
      message: expect.stringMatching(
        /cannot get resource "pods\/exec".*\(a WebSocket needs the verb get on pods\/exec, since Kubernetes 1.35 also create\)$/,
      ),
    });
    await expect(api.attach.stream(name, { protocols })).rejects.toMatchObject({
      code: "FORBIDDEN",
      message: expect.stringMatching(/cannot get resource "pods\/attach".*the verb get on pods\/attach/),
    });
  });

  test("a user who may not read Pods can exec and attach all the same", async () => {
    const api = apiAs("podwire-test-caller");
    const { exitCode, stdout } = await api.exec.run(name, { command: ["echo", "hi"], protocols });
    expect([exitCode, stdout.text()]).toEqual([0, "hi\n"]);
    await using session = await api.attach.stream(name, { protocols });
    expect(session.protocol).toBe(protocol);
  });

  test("a user without create, which Kubernetes wants since 1.35 without saying so, is told", async () => {
    const api = apiAs("podwire-test-getter");
    await expect(api.exec.run(name, { command: ["true"], protocols })).rejects.toMatchObject({
      code: "FORBIDDEN",
      message: `pods "${name}" is forbidden: since Kubernetes 1.35 a WebSocket needs the verb create on pods/exec besides get`,
    });
    await expect(api.attach.stream(name, { protocols })).rejects.toMatchObject({
      code: "FORBIDDEN",
      message: expect.stringMatching(/forbidden: since .* the verb create on pods\/attach besides get$/),
    });
  });
});
