import { describe, expect, test } from "vitest";
import type { ContainerSpec, Pod } from "../src/pods/pod.ts";
import { podOf, podsPath, shell } from "./requests.ts";
import { serve } from "./serve.ts";

const served = serve("env", {}, async () => {
  await create("configmaps", "settings", { data: { color: "red", size: "$(HUE)" } });
  await create("secrets", "keys", { stringData: { token: "s3cret" } });
});

async function create(resource: string, name: string, object: object): Promise<void> {
  const path = `/api/v1/namespaces/default/${resource}`;
  const { status, text } = await served.requests.send("POST", path, { metadata: { name }, ...object });
  expect([status, text]).toEqual([201, text]);
}

/** The variables of a container besides those that all have. */
async function variablesOf(container: Partial<ContainerSpec>): Promise<string[]> {
  const name = served.newName();
  const body = podOf(name, { ...shell("env"), ...container });
  const metadata = { name, labels: { app: "web" }, annotations: { "example.com/note": "x y" } };
  await served.requests.send("POST", podsPath, { ...body, metadata });
  await served.requests.until(name, ({ status }) => status.phase === "Succeeded");
  const { text } = await served.requests.send("GET", `${podsPath}/${name}/log`);
  const own = /^(PATH|HOME|HOSTNAME|PWD|OLDPWD|SHLVL|_)=/;
  return text
    .trim()
    .split("\n")
    .filter((line) => !own.test(line))
    .sort();
}

const waitingOf = ({ status }: Pod) => status.containerStatuses?.[0]?.state.waiting;

describe("variables", () => {
  test("come from config maps and secrets, and are taken as they are", async () => {
    const env = [
      { name: "HUE", valueFrom: { configMapKeyRef: { name: "settings", key: "color" } } },
      { name: "RAW", valueFrom: { configMapKeyRef: { name: "settings", key: "size" } } },
      { name: "TOKEN", valueFrom: { secretKeyRef: { name: "keys", key: "token" } } },
      { name: "BOTH", value: "$(HUE)-$(TOKEN)" },
      { name: "NONE", valueFrom: { configMapKeyRef: { name: "nope", key: "x", optional: true } } },
      { name: "NO_KEY", valueFrom: { secretKeyRef: { name: "keys", key: "x", optional: true } } },
    ];
    expect(await variablesOf({ env })).toEqual(["BOTH=red-s3cret", "HUE=red", "RAW=$(HUE)", "TOKEN=s3cret"]);
  });

  test("come from all keys of them, and are replaced by those that are named", async () => {
    const envFrom = [
      { configMapRef: { name: "settings" } },
      { prefix: "KEY_", secretRef: { name: "keys" } },
      { configMapRef: { name: "nope", optional: true } },
    ];
    expect(await variablesOf({ envFrom, env: [{ name: "size", value: "$(color)" }] })).toEqual([
      "KEY_token=s3cret",
      "color=red",
      "size=red",
    ]);
  });

  test("come from the Pod's own fields", async () => {
    const paths = {
      A: "metadata.name",
      B: "metadata.namespace",
      C: "metadata.labels['app']",
      D: "metadata.annotations['example.com/note']",
      E: "metadata.labels['none']",
      F: "spec.nodeName",
      G: "status.podIP",
    };
    const env = Object.entries(paths).map(([name, fieldPath]) => ({
      name,
      valueFrom: { fieldRef: { fieldPath } },
    }));
    expect(await variablesOf({ env })).toEqual([
      expect.stringMatching(/^A=env-\d+$/),
      "B=default",
      "C=web",
      "D=x y",
      "E=",
      "F=devserver",
      "G=127.0.0.1",
    ]);
  });
});

test.for([
  ["a config map", { configMapKeyRef: { name: "later", key: "x" } }, 'configmap "later" not found'],
  [
    "a key of a secret",
    { secretKeyRef: { name: "keys", key: "nokey" } },
    "couldn't find key nokey in Secret default/keys",
  ],
] as const)(
  "%s that is not there holds up the container, in the words of a kubelet",
  async ([, valueFrom, message]) => {
    const name = served.newName();
    await served.requests.create(name, { ...shell("true"), env: [{ name: "A", valueFrom }] });
    const pod = await served.requests.until(name, (one) => waitingOf(one)?.message !== undefined);
    expect(waitingOf(pod)).toEqual({ reason: "CreateContainerConfigError", message });
    expect(pod.status.phase).toBe("Pending");
    await served.requests.delete(name, "gracePeriodSeconds=30");
    await served.requests.gone(name);
  },
);

test("a container begins when what it waits for is there", async () => {
  const name = served.newName();
  const valueFrom = { configMapKeyRef: { name: `${name}-late`, key: "x" } };
  await served.requests.create(name, { ...shell("echo $A"), env: [{ name: "A", valueFrom }] });
  await served.requests.until(name, (one) => waitingOf(one)?.message !== undefined);
  await create("configmaps", `${name}-late`, { data: { y: "1" } });
  await served.requests.until(
    name,
    (one) => waitingOf(one)?.message?.startsWith("couldn't find key") ?? false,
  );
  await served.requests.send(
    "PATCH",
    `/api/v1/namespaces/default/configmaps/${name}-late`,
    { data: { x: "there" } },
    {
      "content-type": "application/merge-patch+json",
    },
  );
  await served.requests.until(name, ({ status }) => status.phase === "Succeeded");
  expect((await served.requests.send("GET", `${podsPath}/${name}/log`)).text).toBe("there\n");
});

describe("what is wrong with variables is refused, in the words of a real cluster:", () => {
  const from = (valueFrom: object, more = {}) => ({ env: [{ name: "A", valueFrom, ...more }] });
  test.for([
    [
      from({ configMapKeyRef: { name: "c", key: "k" } }, { value: "x" }),
      'env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
    ],
    [
      from({ fieldRef: { fieldPath: "spec.nope" } }),
      'env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.nope": error converting fieldPath: field label not supported: spec.nope',
    ],
    [from({ configMapKeyRef: { name: "c" } }), "env[0].valueFrom.configMapKeyRef.key: Required value"],
    [
      from({}),
      'env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
    ],
    [{ envFrom: [{ configMapRef: {} }] }, "envFrom[0].configMapRef.name: Required value"],
    [{ envFrom: [{}] }, 'envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`'],
  ] as const)("%j", async ([container, message]) => {
    const body = podOf("wrong", {});
    const [main] = body.spec.containers;
    const sent = { ...body, spec: { ...body.spec, containers: [{ ...main, ...container }] } };
    const { status, text } = await served.requests.send("POST", podsPath, sent);
    expect([status, JSON.parse(text).message]).toEqual([
      422,
      `Pod "wrong" is invalid: spec.containers[0].${message}`,
    ]);
  });
});
