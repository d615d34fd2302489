import { join } from "node:path";
import { loadKubeconfig } from "@podwire/kubeconfig";
import { beforeAll, describe, expect, test } from "vitest";
import type { Exit, StreamSession } from "../src/index.ts";
import { useCluster } from "./cluster.ts";
import { type ClusterProgram, type ClusterPrograms, createClusterPrograms } from "./cluster-programs.ts";

// Programs of a real cluster are killed while sessions run. PODWIRE_CLUSTER_STATE is the state folder of a cluster of
// this test's own, PODWIRE_CLUSTER_TRANSLATOR who speaks v5 there: the kubelet, or the API server as up to 1.35.

const translator = process.env["PODWIRE_CLUSTER_TRANSLATOR"] ?? "kubelet";
const v5 = { protocols: ["v5.channel.k8s.io"] };
const v4 = { protocols: ["v4.channel.k8s.io"] };
const verify = true;
const stdin = true;

/** Whose death a server reports over v5 as the success of a command that had not ended. */
const reportedAsSuccess: readonly ClusterProgram[] =
  translator === "kubelet" ? ["containerd"] : ["kubelet", "containerd"];

const quiet = { command: ["sh", "-c", "echo begun; exec sleep 600"] };
const talking = { command: ["sh", "-c", "echo begun; while sleep 0.05; do echo on; done"] };

let programs: ClusterPrograms;
let name: string;

function stateFolder(): string {
  const folder = process.env["PODWIRE_CLUSTER_STATE"];
  if (folder === undefined) throw new Error("set PODWIRE_CLUSTER_STATE to the state folder of a cluster");
  return folder;
}

const load = () => loadKubeconfig({ path: join(stateFolder(), "kubeconfig") });
const cluster = useCluster(load, async ({ pods }) => {
  programs = createClusterPrograms(stateFolder());
  name = await pods.run("echo begun; while sleep 0.2; do echo on; done", { stdin });
});

/** Opens a session and waits until its process has begun to talk. */
async function begun(opening: Promise<StreamSession>): Promise<StreamSession> {
  const session = await opening;
  await session.stdout.until(/begun|on/, { timeoutMs: 60_000 });
  return session;
}

async function endOf(session: StreamSession): Promise<Exit> {
  // A reader that takes everything, to the end that it is told.
  const read = session.stdout.bytes().catch(() => undefined);
  const exit = await session.exited;
  await read;
  return exit;
}

/** Sessions of every sort whose process does not end by itself. */
function sessionsOver(protocol: typeof v5): Record<string, () => Promise<StreamSession>> {
  return {
    "quiet exec": () => cluster.api.exec.stream(name, { ...quiet, ...protocol }),
    "talking exec": () => cluster.api.exec.stream(name, { ...talking, ...protocol }),
    "exec with stdin": () => cluster.api.exec.stream(name, { ...quiet, ...protocol, stdin }),
    "verified quiet exec": () => cluster.api.exec.stream(name, { ...quiet, ...protocol, verify }),
    "verified talking exec": () => cluster.api.exec.stream(name, { ...talking, ...protocol, verify }),
    "verified exec with stdin": () => cluster.api.exec.stream(name, { ...quiet, ...protocol, stdin, verify }),
    attach: () => cluster.api.attach.stream(name, protocol),
    "attach with stdin": () => cluster.api.attach.stream(name, { ...protocol, stdin }),
  };
}

/** How those sessions end. */
function endsOver(protocol: typeof v5, program: ClusterProgram): Record<string, string> {
  const lied = protocol === v5 && reportedAsSuccess.includes(program);
  const unverified = lied ? "exited 0, unproven" : "connectionLost, incomplete";
  const verified = lied ? "unverified, incomplete" : "connectionLost, incomplete";
  const attached = lied ? "endedWithoutStatus, incomplete" : "connectionLost, incomplete";
  return {
    "quiet exec": unverified,
    "talking exec": unverified,
    "exec with stdin": unverified,
    "verified quiet exec": verified,
    "verified talking exec": verified,
    "verified exec with stdin": verified,
    attach: attached,
    "attach with stdin": attached,
  };
}

function wordsFor(exit: Exit): string {
  return `${exit.kind}${exit.kind === "exited" ? ` ${exit.code}` : ""}, ${exit.complete}`;
}

const everyProgram: readonly ClusterProgram[] = ["kubelet", "containerd", "apiserver"];

describe.for(everyProgram)("when the %s is killed", (program) => {
  const go = `/tmp/go-${program}`;
  let endless: { readonly protocol: typeof v5; readonly sort: string; readonly exit: Exit }[];
  let ending: Exit[];

  beforeAll(async () => {
    const endlessSessions = await Promise.all(
      [v5, v4].flatMap((protocol) =>
        Object.entries(sessionsOver(protocol)).map(async ([sort, open]) => ({
          protocol,
          sort,
          session: await begun(open()),
        })),
      ),
    );
    const endingSessions = await Promise.all(
      [v5, v4].flatMap((protocol) =>
        ["0", "0.03", "0.1", "0.2"].map((seconds) => {
          const script = `echo begun; until [ -e ${go} ]; do sleep 0.01; done; sleep ${seconds}; echo end; exit 3`;
          return begun(cluster.api.exec.stream(name, { command: ["sh", "-c", script], ...protocol, verify }));
        }),
      ),
    );
    await cluster.api.exec.run(name, { command: ["touch", go] });
    const startAgain = await programs.kill(program);
    try {
      ending = await Promise.all(endingSessions.map(endOf));
      endless = await Promise.all(
        endlessSessions.map(async ({ session, ...rest }) => ({ ...rest, exit: await endOf(session) })),
      );
    } finally {
      await startAgain();
    }
  });

  test.for([v5, v4])(
    "no verified session takes it for success, and no other but the known ones: %o",
    (protocol) => {
      const seen = endless.filter((one) => one.protocol === protocol);
      expect(Object.fromEntries(seen.map(({ sort, exit }) => [sort, wordsFor(exit)]))).toEqual(
        endsOver(protocol, program),
      );
    },
  );

  test("a verified command that ends in the same moment has its own exit code or none", () => {
    for (const exit of ending) {
      expect(["exited 3, proven", "unverified, incomplete", "connectionLost, incomplete"]).toContain(
        wordsFor(exit),
      );
    }
  });

  test("the next command runs once it is there again", async () => {
    const command = ["sh", "-c", "echo again; exit 4"];
    // Until then commands are refused, and the first one that is not must be right.
    const works = () =>
      cluster.api.exec.run(name, { command, verify, requestTimeoutMs: 30_000 }).catch(() => undefined);
    await expect
      .poll(works, { timeout: 90_000 })
      .toMatchObject({ exitCode: 4, exit: { complete: "proven" } });
  });
});
