import { existsSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import type { ContainerSpec } from "../src/pods/pod.ts";
import { shell } from "./requests.ts";
import { serve } from "./serve.ts";
import { openSession } from "./sessions.ts";

const served = serve("around", {}, () => {
  process.env["PODWIRE_TEST_SECRET"] = "of the host";
});

afterAll(() => {
  delete process.env["PODWIRE_TEST_SECRET"];
});

/** What a container prints, with all of it seen: it begins when told to. */
async function outputOf(script: string, container: Partial<ContainerSpec> = {}, args: string[] = []) {
  const name = served.newName();
  const command = ["sh", "-c", `read -r go; ${script}`, "sh", ...args];
  await served.requests.run(name, { ...container, command, stdin: true, stdinOnce: true });
  const session = await openSession(served.server, `${name}/attach?stdin=true&stdout=true&stderr=true`);
  session.send("00 0a");
  await session.closed;
  await served.requests.delete(name);
  return session.text(1) + session.text(2);
}

describe("the surroundings of a container", () => {
  test("its variables are PATH, HOME, HOSTNAME and its own, and none of the host's", async () => {
    const name = served.newName();
    await served.requests.run(name, {
      ...shell("sleep 1000"),
      env: [{ name: "COLOR", value: "red" }, { name: "EMPTY" }, { name: "HOSTNAME", value: "mine" }],
    });
    const lines = (await served.exec(name, ["env"])).trim().split("\n").sort();
    expect(lines).toEqual([
      "COLOR=red",
      "EMPTY=",
      expect.stringMatching(/^HOME=\/.*podwire-devserver-/),
      "HOSTNAME=mine",
      `PATH=${process.env["PATH"]}`,
    ]);
    expect(await served.exec(name, ["sh", "-c", "echo $HOSTNAME"])).toBe("mine\n");
    await served.requests.delete(name);
  });

  test("$(NAME) is a declared variable's value, $$ is $, and anything else stays as it is", async () => {
    const env = [
      { name: "A", value: "1" },
      { name: "B", value: "$(A)2" },
      { name: "C", value: "$(D) $$(A)" },
      { name: "D", value: "late" },
    ];
    const args = ["$(A)", "$$(A)", "$$$(A)", "$(B)", "$(C)", "$(HOME)", "$(NOPE)", "$A", "$(", "a$$b"];
    expect(await outputOf('printf "%s|" "$@"', { env }, args)).toBe(
      "1|$(A)|$1|12|$(D) $(A)|$(HOME)|$(NOPE)|$A|$(|a$b|",
    );
  });

  test.for([
    ["/data/deep", "/data/deep"],
    ["data", "/data"],
    ["../../../etc", "/etc"],
    ["/../..", ""],
    ["/a/../../b", "/b"],
  ] as const)("workingDir %s is made, inside the container's own folder", async ([workingDir, inside]) => {
    const [home, folder] = (await outputOf('echo "$HOME"; pwd -P', { workingDir })).split("\n");
    expect(folder).toBe(`${home}${inside}`);
  });

  test("stdin is empty unless it was asked for", async () => {
    const name = served.newName();
    await served.requests.create(name, { command: ["cat"] });
    await served.requests.until(name, ({ status }) => status.phase === "Succeeded");
  });

  test("its folder is there while it runs and gone afterwards", async () => {
    const name = served.newName();
    await served.requests.run(
      name,
      shell("mkdir -p a/b; echo x >a/b/c; trap 'exit 0' TERM; while :; do sleep 0.05; done"),
    );
    const home = (await served.exec(name, ["sh", "-c", "echo $HOME"])).trim();
    expect(existsSync(home)).toBe(true);
    await served.requests.delete(name, "gracePeriodSeconds=10");
    await served.requests.gone(name);
    expect(existsSync(home)).toBe(false);
  });
});
