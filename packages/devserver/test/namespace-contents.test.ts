import { createDevServer } from "@podwire/devserver";
import { expect, test } from "vitest";
import { createJson } from "./requests.ts";
import { serve } from "./serve.ts";

const served = serve("contents");
const send = createJson(served);
const patient = { timeoutMs: 20_000 };
const namespaces = "/api/v1/namespaces";
const bundleOf = (namespace: string): string => `${namespaces}/${namespace}/configmaps/kube-root-ca.crt`;
const accountOf = (namespace: string): string => `${namespaces}/${namespace}/serviceaccounts/default`;
const seen = (resource: string, name: string, condition: (object: object | undefined) => boolean) =>
  served.server.events.until(resource, name, condition, patient);
const uidOf = async (path: string): Promise<string | undefined> =>
  (await send("GET", path)).body.metadata.uid;

test("every namespace has a service account and a bundle of authorities", async () => {
  await send("POST", namespaces, { metadata: { name: "fresh" } });
  for (const namespace of ["default", "kube-node-lease", "kube-public", "kube-system", "fresh"]) {
    expect((await send("GET", accountOf(namespace))).body).toMatchObject({
      kind: "ServiceAccount",
      metadata: { name: "default", namespace },
    });
    expect((await send("GET", bundleOf(namespace))).body).toMatchObject({
      metadata: {
        annotations: { "kubernetes.io/description": expect.stringContaining("CA bundle") },
        managedFields: [{ manager: "kube-controller-manager", operation: "Update" }],
      },
      // There is no TLS here.
      data: { "ca.crt": "" },
    });
  }
});

test("with TLS the bundle is what clients have to trust", async () => {
  await using secret = await createDevServer({ tls: true });
  const resource = await secret.events.until("configmaps", "kube-root-ca.crt", () => true, patient);
  expect(resource).toMatchObject({ data: { "ca.crt": secret.config.ca } });
});

test("they come again when they are deleted, and are put right when they are changed", async () => {
  const [account, bundle] = [await uidOf(accountOf("default")), await uidOf(bundleOf("default"))];
  await send("DELETE", accountOf("default"));
  await send("DELETE", bundleOf("default"));
  const isNew = (uid: string | undefined) => (one: object | undefined) =>
    one !== undefined &&
    "metadata" in one &&
    JSON.stringify(one).includes('"uid"') &&
    !JSON.stringify(one).includes(String(uid));
  await seen("serviceaccounts", "default", isNew(account));
  await seen("configmaps", "kube-root-ca.crt", isNew(bundle));
  const { body } = await send("GET", bundleOf("default"));
  await send("PUT", bundleOf("default"), { ...body, data: { "ca.crt": "forged" } });
  await seen("configmaps", "kube-root-ca.crt", (one) => !JSON.stringify(one).includes("forged"));
});

/** The conditions of a namespace in short. */
const conditionsOf = async (namespace: string): Promise<Record<string, string>> => {
  const { body } = await send("GET", `${namespaces}/${namespace}`);
  const conditions: { type: string; status: string; reason: string; message: string }[] =
    body.status.conditions ?? [];
  return Object.fromEntries(
    conditions.map(({ type, status, reason, message }) => [type, `${status} ${reason}: ${message}`]),
  );
};
const discovered = {
  NamespaceDeletionDiscoveryFailure: "False ResourcesDiscovered: All resources successfully discovered",
  NamespaceDeletionGroupVersionParsingFailure:
    "False ParsedGroupVersions: All legacy kube types successfully parsed",
  NamespaceDeletionContentFailure:
    "False ContentDeleted: All content successfully deleted, may be waiting on finalization",
};

test("a namespace that ends says what is in it still", async () => {
  await send("POST", namespaces, { metadata: { name: "ending" } });
  const held = (name: string) => ({ metadata: { name, finalizers: ["example.com/x"] } });
  for (const name of ["one", "two"]) await send("POST", `${namespaces}/ending/configmaps`, held(name));
  await send("POST", `${namespaces}/ending/secrets`, held("three"));
  expect(await conditionsOf("ending")).toEqual({});
  await send("DELETE", `${namespaces}/ending`);
  expect((await send("GET", `${namespaces}/ending`)).body.status.phase).toBe("Terminating");
  await expect
    .poll(() => conditionsOf("ending"), { timeout: 10_000 })
    .toEqual({
      ...discovered,
      NamespaceContentRemaining:
        "True SomeResourcesRemain: Some resources are remaining: configmaps. has 2 resource instances, secrets. has 1 resource instances",
      NamespaceFinalizersRemaining:
        "True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: example.com/x in 3 resource instances",
    });
  const release = (path: string) =>
    send(
      "PATCH",
      `${namespaces}/ending/${path}`,
      { metadata: { finalizers: null } },
      {
        "content-type": "application/merge-patch+json",
      },
    );
  await release("secrets/three");
  await release("configmaps/one");
  await expect
    .poll(() => conditionsOf("ending"), { timeout: 10_000 })
    .toMatchObject({
      NamespaceContentRemaining:
        "True SomeResourcesRemain: Some resources are remaining: configmaps. has 1 resource instances",
    });
  await release("configmaps/two");
  await seen("namespaces", "ending", (one) => one === undefined);
});

test("while it has Pods, nothing else goes", async () => {
  await send("POST", namespaces, { metadata: { name: "busy" } });
  await served.server.pods.run({
    name: "slow",
    namespace: "busy",
    image: "podwire/stubborn",
    spec: { terminationGracePeriodSeconds: 600 },
    ...patient,
  });
  await send("DELETE", `${namespaces}/busy`);
  await expect
    .poll(() => conditionsOf("busy"), { timeout: 10_000 })
    .toEqual({
      ...discovered,
      NamespaceContentRemaining: "False ContentRemoved: All content successfully removed",
      NamespaceFinalizersRemaining:
        "False ContentHasNoFinalizers: All content-preserving finalizers finished",
    });
  expect((await send("GET", bundleOf("busy"))).status).toBe(200);
  await send("DELETE", `${namespaces}/busy/pods/slow?gracePeriodSeconds=0`);
  await seen("namespaces", "busy", (one) => one === undefined);
});
