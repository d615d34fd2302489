import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { ContainerSpec, Pod, PodSpec, Volume } from "../src/pods/pod.ts";
import { podOf, podsPath, shell } from "./requests.ts";
import { serve } from "./serve.ts";
import { openSession } from "./sessions.ts";

/** Outside of the server's folder. */
let outside: string;

const served = serve("volume", {}, async () => {
  outside = await mkdtemp(join(tmpdir(), "podwire-outside-"));
  await create("configmaps", "settings", {
    data: { color: "red", size: "big" },
    binaryData: { raw: "AP8=" },
  });
  await create("secrets", "keys", { stringData: { token: "s3cret" } });
});

afterAll(async () => {
  await rm(outside, { recursive: true });
});

async function create(resource: string, name: string, object: object): Promise<void> {
  const path = `/api/v1/namespaces/default/${resource}`;
  const { status, text } = await served.requests.send("POST", path, { metadata: { name }, ...object });
  expect([status, text]).toEqual([201, text]);
}

/** What a container with these volumes prints, as it ends. */
async function outputOf(
  script: string,
  container: Partial<ContainerSpec>,
  spec: Partial<PodSpec> = {},
): Promise<string> {
  const name = served.newName();
  await served.requests.create(name, { ...shell(script), ...container }, spec);
  await served.requests.until(name, ({ status }) => /Succeeded|Failed/.test(status.phase));
  const { text } = await served.requests.send("GET", `${podsPath}/${name}/log`);
  await served.requests.delete(name);
  return text;
}

const waitingOf = ({ status }: Pod) => status.containerStatuses?.[0]?.state.waiting;

describe("an emptyDir", () => {
  const volumes: Volume[] = [{ name: "shared", emptyDir: {} }];
  const mount = (mountPath: string, subPath?: string) => ({
    volumeMounts: [{ name: "shared", mountPath, ...(subPath !== undefined && { subPath }) }],
  });

  test("is a folder that the containers of a Pod share, each below its own folder", async () => {
    const initContainers = [
      { name: "one", image: "busybox", ...shell("echo hello >out/deep/greeting"), ...mount("/out/deep") },
    ];
    const text = await outputOf("cat in/greeting; cat $HOME/in/greeting", mount("/in"), {
      volumes,
      initContainers,
    });
    expect(text).toBe("hello\nhello\n");
  });

  test("can be where the command begins", async () => {
    const text = await outputOf("pwd -P; cd ..; ls", { ...mount("/data"), workingDir: "/data" }, { volumes });
    expect(text).toMatch(/\/volumes\/shared\nshared\n$/);
  });

  test("outlives its containers, and goes with its Pod", async () => {
    const name = served.newName();
    const script = "pwd -P; [ -e data/mark ] && exec sleep 1000; touch data/mark; exit 1";
    await served.requests.create(
      name,
      { ...shell(`cd data; cd $OLDPWD; ${script}`), ...mount("/data") },
      { volumes, restartPolicy: "Always" },
    );
    await served.requests.until(name, ({ status }) => {
      const [container] = status.containerStatuses ?? [];
      return container?.restartCount === 1 && container.state.running !== undefined;
    });
    const session = await openSession(
      served.server,
      `${name}/exec?command=sh&command=-c&command=cd+data;pwd+-P&stdout=true`,
    );
    await session.closed;
    const folder = session.text(1).trim();
    expect(existsSync(join(folder, "mark"))).toBe(true);
    await served.requests.delete(name);
    expect(existsSync(folder)).toBe(false);
  });

  test("can be mounted in part, by a subPath that is made", async () => {
    const text = await outputOf("touch data/x; cd data; pwd -P", mount("/data", "a/b"), { volumes });
    expect(text).toMatch(/\/volumes\/shared\/a\/b\n$/);
  });

  test.for([
    ["a link", "sub", "sub"],
    ["a folder behind a link", "sub/new", "sub"],
    ["a link to a file", "file", "file"],
  ] as const)("is not left by a subPath that is %s", async ([, subPath, link]) => {
    const initContainers = [
      {
        name: "one",
        image: "busybox",
        ...shell(`ln -s ${outside} d/sub; ln -s /etc/passwd d/file; ls -d d/${link}`),
        ...mount("/d"),
      },
    ];
    const name = served.newName();
    await served.requests.create(
      name,
      { ...shell("true"), ...mount("/data", subPath) },
      { volumes, initContainers },
    );
    const pod = await served.requests.until(name, (one) => waitingOf(one)?.message !== undefined);
    expect(waitingOf(pod)).toEqual({
      reason: "CreateContainerConfigError",
      message: 'failed to prepare subPath for volumeMount "shared" of container "main"',
    });
    expect(await readdir(outside)).toEqual([]);
    await served.requests.delete(name, "gracePeriodSeconds=30");
    await served.requests.gone(name);
  });

  test("is not left by a workingDir that leads over a link", async () => {
    const initContainers = [
      { name: "one", image: "busybox", ...shell(`ln -s ${outside} d/out`), ...mount("/d") },
    ];
    const name = served.newName();
    await served.requests.create(
      name,
      { ...shell("true"), ...mount("/d"), workingDir: "/d/out/new" },
      { volumes, initContainers },
    );
    const pod = await served.requests.until(name, ({ status }) => status.phase === "Failed");
    expect(pod.status.containerStatuses?.[0]?.state.terminated).toMatchObject({
      exitCode: 128,
      reason: "StartError",
      message: expect.stringContaining("leads out of"),
    });
    expect(await readdir(outside)).toEqual([]);
  });
});

describe("a config map or a secret", () => {
  test("is a volume of files", async () => {
    const script = "cd c; for f in *; do echo $f $(od -An -tx1 $f); done; cat ../s/token";
    const text = await outputOf(
      script,
      {
        volumeMounts: [
          { name: "c", mountPath: "/c" },
          { name: "s", mountPath: "/s" },
        ],
      },
      {
        volumes: [
          { name: "c", configMap: { name: "settings" } },
          { name: "s", secret: { secretName: "keys" } },
        ],
      },
    );
    expect(text).toBe("color 72 65 64\nraw 00 ff\nsize 62 69 67\ns3cret");
  });

  test("gives some of its keys, under other names and with a mode", async () => {
    const items = [{ key: "color", path: "deep/hue", mode: 0o400 }];
    const text = await outputOf(
      "cd c; find . -type f; stat -c %a deep/hue; cat deep/hue $HOME/one",
      {
        volumeMounts: [
          { name: "c", mountPath: "/c" },
          { name: "c", mountPath: "/one", subPath: "deep/hue" },
        ],
      },
      { volumes: [{ name: "c", configMap: { name: "settings", items } }] },
    );
    expect(text).toBe("./deep/hue\n400\nredred");
  });

  test("that is not there is waited for, with an event, unless it is optional", async () => {
    const name = served.newName();
    const late = `${name}-late`;
    const volumes: Volume[] = [
      { name: "c", configMap: { name: late } },
      { name: "o", secret: { secretName: "never", optional: true } },
    ];
    await served.requests.create(
      name,
      {
        ...shell("cat c/a; ls o"),
        volumeMounts: [
          { name: "c", mountPath: "/c" },
          { name: "o", mountPath: "/o" },
        ],
      },
      { volumes },
    );
    const message = `MountVolume.SetUp failed for volume "c" : configmap "${late}" not found`;
    const pod = await served.requests.until(name, (one) => waitingOf(one)?.message !== undefined);
    expect(waitingOf(pod)).toEqual({ reason: "ContainerCreating", message });
    const events = await served.requests.send(
      "GET",
      "/api/v1/namespaces/default/events?fieldSelector=reason%3DFailedMount",
    );
    expect(JSON.parse(events.text).items).toMatchObject([{ message, type: "Warning" }]);
    await create("configmaps", late, { data: { a: "there" } });
    await served.requests.until(name, ({ status }) => status.phase === "Succeeded");
    expect((await served.requests.send("GET", `${podsPath}/${name}/log`)).text).toBe("there");
  });
});

describe("what is wrong with volumes is refused:", () => {
  const mounted = (...volumeMounts: object[]) => ({ volumes: [{ name: "v", emptyDir: {} }], volumeMounts });
  test.for([
    [
      mounted({ name: "v", mountPath: "/d", subPath: "../x" }),
      "volumeMounts[0].subPath",
      /must not contain '\.\.'/,
    ],
    [
      mounted({ name: "v", mountPath: "/d", subPath: "/x" }),
      "volumeMounts[0].subPath",
      /must be a relative path/,
    ],
    [mounted({ name: "w", mountPath: "/d" }), "volumeMounts[0].name", /^Not found: "w"$/],
    [mounted({ name: "v" }), "volumeMounts[0].mountPath", /^Required value$/],
    [mounted({ name: "v", mountPath: "/" }), "volumeMounts[0].mountPath", /below the container's folder/],
    [
      mounted({ name: "v", mountPath: "/a/../../b" }),
      "volumeMounts[0].mountPath",
      /below the container's folder/,
    ],
    [
      mounted({ name: "v", mountPath: "/d" }, { name: "v", mountPath: "/d/" }),
      "volumeMounts[1].mountPath",
      /must be unique/,
    ],
    [
      mounted({ name: "v", mountPath: "/d/e" }, { name: "v", mountPath: "/d" }),
      "volumeMounts[1].mountPath",
      /no volume inside another one/,
    ],
    [
      { volumes: [{ name: "v", configMap: { name: "c", items: [{ key: "a", path: "../b" }] } }] },
      "volumes[0].configMap.items[0].path",
      /must not contain '\.\.'/,
    ],
    [{ volumes: [{ name: "v", configMap: {} }] }, "volumes[0].configMap.name", /^Required value$/],
    [
      { volumes: [{ name: "v", secret: { secretName: "s", defaultMode: 512 } }] },
      "volumes[0].secret.defaultMode",
      /between 0 and 0777/,
    ],
    [{ volumes: [{ name: "v", hostPath: { path: "/etc" } }] }, "volumes[0].hostPath", /does not support/],
    [{ volumes: [{ name: "v", hostPath: {} }] }, "volumes[0].hostPath", /does not support/],
    [
      { volumes: [{ name: "v", emptyDir: {}, hostPath: {} }] },
      "volumes[0].hostPath",
      /may not specify more than 1 volume type/,
    ],
    [{ volumes: [{ name: "v" }, { name: "v" }] }, "volumes[1].name", /^Duplicate value: "v"$/],
    [
      { volumes: [{ name: "../v" }] },
      "volumes[0].name",
      /^Invalid value: "\.\.\/v": a lowercase RFC 1123 label/,
    ],
    [
      { volumes: [{ name: "v", emptyDir: {}, secret: { secretName: "s" } }] },
      "volumes[0].secret",
      /may not specify more than 1 volume type/,
    ],
  ] as const)("%j", async ([spec, field, message]) => {
    const { volumes, ...container } = spec;
    const body = podOf("wrong", { command: ["true"] });
    const [main] = body.spec.containers;
    const sent = { ...body, spec: { ...body.spec, volumes, containers: [{ ...main, ...container }] } };
    const { status, text } = await served.requests.send("POST", podsPath, sent);
    const inside = field.startsWith("volumeMounts") ? "spec.containers[0]." : "spec.";
    expect([status, JSON.parse(text).details.causes]).toEqual([
      422,
      [{ reason: expect.any(String), field: inside + field, message: expect.stringMatching(message) }],
    ]);
  });
});
