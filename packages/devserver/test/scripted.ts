import { once } from "node:events";
import type { ContainerProgram } from "@podwire/devserver";
import { beforeEach } from "vitest";
import type { ContainerSpec, Pod } from "../src/pods/pod.ts";
import { serve } from "./serve.ts";
import { openSession, type RawSession, v5 } from "./sessions.ts";

/** Ends when it is told to. */
export const idle: ContainerProgram = async ({ signal }) => {
  if (!signal.aborted) await once(signal, "abort");
};

/** A devserver whose containers are functions of the tests of a file. */
export function serveScripts() {
  /** What the image `test` does, by the name of its Pod, or of the exec. */
  const programs = new Map<string, ContainerProgram>();
  const byName: ContainerProgram = (context) => {
    const name = context.exec ? context.args[0] : context.env["HOSTNAME"];
    return programs.get(name ?? "")?.(context) ?? 0;
  };

  const served = serve("script", { images: { test: byName } });

  beforeEach(() => {
    programs.clear();
  });

  /** Runs a function as a container. */
  async function run(program: ContainerProgram, container: Partial<ContainerSpec> = {}): Promise<string> {
    const name = served.newName();
    programs.set(name, program);
    await served.requests.create(name, { image: "test", ...container });
    return name;
  }

  const started = (name: string): Promise<Pod> =>
    served.requests.until(name, ({ status }) => status.phase !== "Pending");

  async function exitOf(name: string) {
    const pod = await served.requests.until(name, ({ status }) => /Succeeded|Failed/.test(status.phase));
    return pod.status.containerStatuses?.[0]?.state.terminated;
  }

  /** Runs a function as an exec, beside a container that idles. */
  async function exec(program: ContainerProgram, query: string, protocol = v5): Promise<RawSession> {
    const name = await run(idle);
    await started(name);
    programs.set("exec", program);
    return openSession(served.server, `${name}/exec?command=exec&command=a+b&${query}`, [protocol]);
  }

  return { served, run, started, exitOf, exec };
}
