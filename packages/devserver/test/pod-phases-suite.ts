import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Kubectl, kubectls } from "./kubectl.ts";
import { documentsOf } from "./kubectl-transcript.ts";

const image = "local/busybox:1";
const timeout = 90_000;

/** What kubectl makes of the phases and conditions that a server tells of a Pod, and of its containers. */
export function podPhasesSuite(create: (program: string) => Promise<Kubectl>): void {
  describe.each(kubectls)("%s", (program) => {
    const name = `podwire-${randomBytes(4).toString("hex")}`;
    const runArgs = [`--image=${image}`, "--image-pull-policy=Never", "--restart=Never", "--attach"];
    let kubectl: Kubectl;

    const podOf = (suffix: string, spec: object) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: `${name}-${suffix}`, labels: { phases: name } },
      spec: { restartPolicy: "Never", terminationGracePeriodSeconds: 1, ...spec },
    });
    const idle = { image, command: ["sleep", "1000"] };
    const input = documentsOf(
      podOf("done", { containers: [{ name: "main", image, command: ["true"] }] }),
      podOf("wait", {
        containers: [{ name: "main", image: "registry.invalid/x", imagePullPolicy: "Never" }],
      }),
      podOf("two", {
        initContainers: [{ name: "ini", image, command: ["true"] }],
        containers: ["main", "side"].map((one) => ({ ...idle, name: one })),
      }),
    );
    const says = async (args: readonly string[], code: number, last: string): Promise<void> => {
      const { code: found, text } = await kubectl.run(args);
      expect([found, text.slice(-last.length)]).toEqual([code, last]);
    };

    beforeAll(async () => {
      kubectl = await create(program);
      expect(await kubectl.run(["create", "-f", "-"], { input })).toMatchObject({ code: 0 });
      for (const [suffix, state] of [
        ["done", "jsonpath={.status.phase}=Succeeded"],
        ["wait", "jsonpath={.status.containerStatuses[0].state.waiting.reason}=ErrImageNeverPull"],
        ["two", "condition=Ready"],
      ]) {
        const args = ["wait", `--for=${state}`, `pod/${name}-${suffix}`, "--timeout=60s"];
        expect(await kubectl.run(args)).toMatchObject({ code: 0 });
      }
    }, timeout);

    afterAll(async () => {
      await kubectl.run(["delete", "pod", "-l", `phases=${name}`, "--wait=false"]);
      await kubectl.run(["delete", "pod", `${name}-exits`, "--ignore-not-found", "--wait=false"]);
      await kubectl.remove();
    }, timeout);

    test.for([
      [
        ["exec", `${name}-done`, "--", "true"],
        "cannot exec into a container in a completed pod; current phase is Succeeded",
      ],
      [
        ["attach", `${name}-done`],
        "cannot attach a container in a completed pod; current phase is Succeeded",
      ],
      [
        ["port-forward", `${name}-done`, ":80"],
        "unable to forward port because pod is not running. Current status=Succeeded",
      ],
    ] as const)("F5: asks nothing of a Pod that has Succeeded: %j", { timeout }, ([args, why]) =>
      says(args, 1, `error: ${why}\n`),
    );

    test.for([
      [["exec", `${name}-wait`, "--", "true"], 'unable to upgrade connection: container not found ("main")'],
      [
        ["attach", `${name}-wait`],
        `unable to upgrade connection: container main not found in pod ${name}-wait_default`,
      ],
      [
        ["port-forward", `${name}-wait`, ":80"],
        "unable to forward port because pod is not running. Current status=Pending",
      ],
    ] as const)("F6: asks all but ports of a Pod that is Pending: %j", { timeout }, ([args, why]) =>
      says(args, 1, `error: ${why}\n`),
    );

    test("F7: takes the first of several containers, and names them all", { timeout }, () =>
      says(
        ["exec", `${name}-two`, "--", "true"],
        0,
        'Defaulted container "main" out of: main, side, ini (init)\n',
      ),
    );

    test("F8, F10: waits for a Pod to be Ready, and for one that is deleted to be gone", {
      timeout,
    }, async () => {
      const pod = `${name}-never`;
      const container = { name: pod, readinessProbe: { exec: { command: ["false"] } } };
      const overrides = JSON.stringify({
        metadata: { labels: { phases: name } },
        spec: { terminationGracePeriodSeconds: 1, containers: [container] },
      });
      const strategic = ["--override-type=strategic", `--overrides=${overrides}`];
      await says(
        ["run", pod, ...runArgs, ...strategic, "--pod-running-timeout=5s", "--", "sleep", "1000"],
        1,
        "error: timed out waiting for the condition\n",
      );
      const running = ["wait", "--for=jsonpath={.status.phase}=Running", `pod/${pod}`, "--timeout=60s"];
      expect(await kubectl.run(running)).toMatchObject({ code: 0 });
      expect(await kubectl.run(["delete", "pod", pod])).toMatchObject({ code: 0 });
      await says(["get", "pod", pod], 1, `Error from server (NotFound): pods "${pod}" not found\n`);
    });

    test("F9: ends with the exit code of the Pod that it runs", { timeout }, () =>
      says(
        ["run", `${name}-exits`, ...runArgs, "--", "sh", "-c", "sleep 1; exit 3"],
        3,
        `pod default/${name}-exits terminated (Error)\n`,
      ),
    );
  });
}
