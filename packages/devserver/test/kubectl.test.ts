import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createKubectl, createServedKubectl, type Kubectl, kubectls } from "./kubectl.ts";
import { differencesOf, expectSaid } from "./kubectl-comparison.ts";
import { kubectlDifferences } from "./kubectl-differences.ts";
import { objectTranscripts, podTranscripts } from "./transcripts/index.ts";

vi.setConfig({ testTimeout: 300_000 });

describe.each(kubectls)("%s", (program) => {
  let kubectl: Kubectl;

  beforeEach(async () => {
    kubectl = await createServedKubectl(program);
  });

  afterEach(() => kubectl.remove());

  const run = async (...args: string[]): Promise<string> => {
    const { code, text } = await kubectl.run(args);
    expect([code, text]).toEqual([0, text]);
    return text;
  };

  test.each(objectTranscripts)("says of %s what a real cluster lets it say", async (_subject, transcript) => {
    await expectSaid([program, kubectl, "devserver"], transcript);
  });

  test("finds out who asks, and the node", async () => {
    expect(await run("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")).toBe("devserver");
    expect(await run("get", "nodes")).toMatch(/^devserver +Ready +<none> +\d+s +v1\.36/m);
  });

  test("lists the events of a Pod in both groups", async () => {
    await run("run", "web", "--image=busybox", "--", "sleep", "1000");
    await run("wait", "--for=condition=Ready", "pod/web", "--timeout=30s");
    for (const listed of ["events", "events.events.k8s.io"]) {
      const rows = (await run("get", listed, "--no-headers")).trim().split("\n");
      expect(rows.map((row) => row.split(/ +/).slice(1, 4).join(" "))).toEqual([
        "Normal Scheduled pod/web",
        "Normal Pulled pod/web",
        "Normal Created pod/web",
        "Normal Started pod/web",
      ]);
    }
  });

  test("tells of a container that fails again and again, and of an image that is not there", async () => {
    await run("run", "crash", "--image=busybox", "--", "sh", "-c", "exit 3");
    await run("run", "nope", "--image=nope");
    for (const [name, reason] of [
      ["crash", "CrashLoopBackOff"],
      ["nope", "ErrImagePull"],
    ] as const) {
      const state = `{.status.containerStatuses[0].state.waiting.reason}=${reason}`;
      await run("wait", `--for=jsonpath=${state}`, `pod/${name}`, "--timeout=30s");
    }
    // By now it may have been started again, and have ended again.
    expect(await run("get", "pods", "--no-headers")).toMatch(
      /^crash +[01]\/1 +(?:CrashLoopBackOff|Error|Running) +\d \(\d+s ago\) +\d+s\nnope +0\/1 +ErrImagePull +0 +\d+s\n$/,
    );
    expect(await run("describe", "pod", "crash")).toMatch(
      /Warning +BackOff .*Back-off restarting failed container crash/,
    );
    expect(await run("describe", "pod", "nope")).toMatch(/Warning +Failed .*Failed to pull image "nope"/);
  });

  test("adds an ephemeral container to debug a Pod", async () => {
    await run("run", "web", "--image=busybox", "--", "sleep", "1000");
    await run("debug", "web", "--image=busybox", "--attach=false", "--container=probe", "--", "true");
    const path = "jsonpath={.spec.ephemeralContainers[*].name}";
    expect(await run("get", "pod", "web", "-o", path)).toBe("probe");
  });

  test("a namespace goes with all that is in it", async () => {
    await run("create", "namespace", "team");
    await run("create", "configmap", "settings", "-n", "team");
    await run("run", "web", "-n", "team", "--image=busybox", "--", "sleep", "1000");
    await run("wait", "-n", "team", "--for=condition=Ready", "pod/web", "--timeout=30s");
    expect(await run("delete", "namespace", "team")).toContain('namespace "team" deleted');
    expect(await run("get", "pods,configmaps,events", "-n", "team")).toContain("No resources found");
    expect((await kubectl.run(["get", "namespace", "team"])).text).toContain('namespaces "team" not found');
  });

  test("deletes all Pods of a selector, and shows what a file would change", async () => {
    for (const name of ["a", "b", "c"]) {
      await run(
        "run",
        name,
        "--image=busybox",
        `--labels=group=${name === "c" ? "two" : "one"}`,
        "--",
        "sleep",
        "1000",
      );
    }
    await run("delete", "pods", "-l", "group=one", "--now");
    expect(await run("get", "pods", "-o", "name")).toBe("pod/c\n");
    const input = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: '1'}\n";
    await kubectl.run(["apply", "-f", "-"], { input });
    const { code, text } = await kubectl.run(["diff", "-f", "-"], { input: input.replace("'1'", "'2'") });
    expect([code, text]).toEqual([1, expect.stringMatching(/^- {2}a: "1"\n\+ {2}a: "2"$/m)]);
  });
});

test("every difference is about a command of a transcript", () => {
  const lines = [...objectTranscripts, ...podTranscripts].flatMap(([, transcript]) => transcript);
  const met = new Set(lines.flatMap(differencesOf));
  expect(kubectlDifferences.filter((one) => !met.has(one))).toEqual([]);
});

test("a program that is not there is an error that says what to do", async () => {
  const kubectl = await createKubectl("kubectl-that-is-not-there", "");
  await expect(kubectl.run(["version"])).rejects.toThrow(/install kubectl; PODWIRE_KUBECTL lists/);
  await kubectl.remove();
});
