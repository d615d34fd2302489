import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDevServer, type Faults, type Personality } from "@podwire/devserver";
import { afterAll, beforeAll } from "vitest";
import { startBackends } from "../port-backends.ts";

/** What the clients are run against. */
export interface Target {
  /** Tells the programs where it is and what runs there. */
  readonly env: Readonly<Record<string, string>>;
  /** Those of a devserver. */
  readonly faults?: Faults | undefined;
  close(): Promise<void>;
}

/** A real cluster to run the same programs against, as the judge of both. */
export const judge = process.env["PODWIRE_CLIENTS_KUBECONFIG"];

/** The judge if there is one, else a devserver of its own. */
export async function startTarget(personality?: Personality): Promise<Target> {
  if (judge === undefined) return startDevServer(personality);
  const listen =
    "nc -ll -p 7000 -e cat & until netstat -ltn | grep -q :7000; do sleep 0.1; done; echo listening; wait";
  return {
    env: {
      KUBECONFIG: judge,
      PODWIRE_IMAGE: "local/busybox:1",
      PODWIRE_PORT: "7000",
      PODWIRE_CLOSED_PORT: "7001",
      PODWIRE_PORT_COMMAND: JSON.stringify(["sh", "-c", listen]),
    },
    close: async () => undefined,
  };
}

/** One for the tests of a suite. */
export function useTarget(): Pick<Target, "env" | "faults"> {
  let target: Target | undefined;
  const started = (): Target => {
    if (!target) throw new Error("the target is there while tests run, and not before");
    return target;
  };
  beforeAll(async () => {
    target = await startTarget();
  });
  afterAll(() => target?.close());
  return {
    get env() {
      return started().env;
    },
    get faults() {
      return started().faults;
    },
  };
}

async function startDevServer(personality: Personality | undefined): Promise<Target> {
  const server = await createDevServer({ tls: true, ...(personality && { personality }) });
  const folder = await mkdtemp(join(tmpdir(), "podwire-clients-"));
  const kubeconfig = join(folder, "config");
  await writeFile(kubeconfig, server.kubeconfig(), { mode: 0o600 });
  // A Pod's ports are this machine's.
  const backends = await startBackends();
  return {
    faults: server.faults,
    env: {
      KUBECONFIG: kubeconfig,
      PODWIRE_IMAGE: "busybox:1.36",
      PODWIRE_PORT: String(backends.ports.echo),
      PODWIRE_CLOSED_PORT: String(backends.ports.nobody),
      PODWIRE_PORT_COMMAND: JSON.stringify(["sh", "-c", "echo listening; sleep 1000"]),
    },
    async close() {
      backends.close();
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}
