import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createKubectl, createServedKubectl, type Kubectl, kubectls } from "./kubectl.ts";
import { played } from "./kubectl-transcript.ts";
import { objectTranscripts } from "./transcripts/index.ts";

vi.setConfig({ testTimeout: 120_000 });

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
    expect(await played(kubectl, transcript)).toEqual(transcript);
  });

  test("finds out the version and the resources", async () => {
    expect(await run("version")).toMatch(/^Server Version: v1\.36\.0\+podwire$/m);
    const names = (await run("api-resources", "-o", "name")).trim().split("\n");
    expect(names).toEqual([
      "configmaps",
      "events",
      "namespaces",
      "nodes",
      "pods",
      "secrets",
      "serviceaccounts",
      "services",
      "selfsubjectreviews.authentication.k8s.io",
      "selfsubjectaccessreviews.authorization.k8s.io",
      "events.events.k8s.io",
    ]);
    expect(await run("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")).toBe("devserver");
    expect(await run("explain", "pod.spec.nodeName")).toMatch(/^FIELD: nodeName <string>$/m);
    expect(await run("get", "nodes")).toMatch(/^devserver +Ready +<none> +\d+s +v1\.36/m);
  });

  test("describes a Pod with its events, and lists them", async () => {
    await run("run", "web", "--image=busybox", "--", "sleep", "1000");
    await run("wait", "--for=condition=Ready", "pod/web", "--timeout=30s");
    const text = await run("describe", "pod", "web");
    for (const line of [
      /^Name: +web$/m,
      /^Node: +devserver\/127\.0\.0\.1$/m,
      /^Status: +Running$/m,
      /^ +State: +Running$/m,
      /^ +Ready: +True$/m,
      /^ +Normal +Scheduled +\S+ +default-scheduler +Successfully assigned default\/web to devserver$/m,
      /^ +Normal +Pulled .*Container image "busybox" already present on machine/m,
      /^ +Normal +Created .*Container created$/m,
      /^ +Normal +Started .*Container started$/m,
    ]) {
      expect(text).toMatch(line);
    }
    for (const listed of ["events", "events.events.k8s.io"]) {
      const rows = (await run("get", listed, "--no-headers")).trim().split("\n");
      expect(rows.map((row) => row.split(/ +/).slice(1, 4).join(" "))).toEqual([
        "Normal Scheduled pod/web",
        "Normal Pulled pod/web",
        "Normal Created pod/web",
        "Normal Started pod/web",
      ]);
    }
    expect(await run("events", "--for", "pod/web")).toMatch(/Normal +Started +Pod\/web +Container started/);
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
    expect(await run("get", "pods", "--no-headers")).toMatch(
      /^crash +0\/1 +CrashLoopBackOff +\d \(\d+s ago\) +\d+s\nnope +0\/1 +ErrImagePull +0 +\d+s\n$/,
    );
    expect(await run("describe", "pod", "crash")).toMatch(
      /Warning +BackOff .*Back-off restarting failed container crash/,
    );
    expect(await run("describe", "pod", "nope")).toMatch(/Warning +Failed .*Failed to pull image "nope"/);
  });

  test("watches Pods come, change and go, a row for each", async () => {
    await run("run", "before", "--image=nope");
    const watching = kubectl.start(["get", "pods", "--watch", "-o", "wide"]);
    const closed = once(watching, "close");
    const rows = watching.stdout ? createInterface(watching.stdout)[Symbol.asyncIterator]() : expect.fail();
    const until = async (pattern: RegExp): Promise<string[]> => {
      const seen: string[] = [];
      for (;;) {
        const { value = expect.fail(`kubectl has ended: ${seen}`) } = await rows.next();
        seen.push(value);
        if (pattern.test(value)) return seen;
      }
    };
    const [header, ...others] = await until(/^before /);
    expect(header).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE/);
    expect(others).toHaveLength(1);
    await run("run", "web", "--image=busybox", "--", "sleep", "1000");
    const begun = await until(/^web +1\/1 +Running/);
    await run("delete", "pod", "web", "--now");
    const ended = await until(/^web +0\/1 +Error/);
    const own = [...begun, ...ended].filter((row) => row.startsWith("web "));
    expect([...new Set(own.map((row) => row.split(/ +/)[2]))]).toEqual([
      "Pending",
      "ContainerCreating",
      "Running",
      "Terminating",
      "Error",
    ]);
    expect([...begun, ...ended].filter((row) => row.startsWith("NAME"))).toEqual([]);
    watching.kill();
    await closed;
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
    expect(await run("get", "pods,configmaps,events", "-A")).toContain("No resources found");
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

test("a program that is not there is an error that says what to do", async () => {
  const kubectl = await createKubectl("kubectl-that-is-not-there", "");
  await expect(kubectl.run(["version"])).rejects.toThrow(/install kubectl; PODWIRE_KUBECTL lists/);
  await kubectl.remove();
});
