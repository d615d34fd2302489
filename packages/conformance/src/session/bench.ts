import {
  Api,
  type ClientConfig,
  createClient,
  type ExecOptions,
  Pod,
  type RunOptions,
  type RunResult,
  type StreamOptions,
  type StreamSession,
} from "@podwire/client";
import { createPods, type TestPods } from "../pods.ts";
import type { Need } from "./audit.ts";

/** A server to audit, how to reach it, and what it can do. */
export interface SessionTarget {
  /** The client's options, made once; a `dial` in them is part of what is audited. */
  readonly config: () => Promise<ClientConfig>;
  /** The same server for somebody with nothing but this token. */
  readonly stranger: (token: string) => Promise<ClientConfig>;
  /** An image with a POSIX shell, sha256sum, head, yes, wc and tee. */
  readonly image: string;
  /** The subprotocols to offer; the first is what the server is expected to choose. */
  readonly protocols: readonly string[];
  /** Whether the server gives processes terminals. */
  readonly terminals: boolean;
  /** Whether the transport shows why an upgrade was refused, as pages do not; true by default. */
  readonly refusals?: boolean;
}

type Exec = Omit<ExecOptions, "command">;
type Run = Omit<RunOptions, "command">;

/** What audits work with: one server, one Pod with a shell in it, and one subprotocol. */
export interface Bench {
  readonly api: Api<Pod>;
  readonly pods: TestPods;
  /** The name of a running Pod. */
  readonly shell: string;
  readonly protocols: readonly string[];
  run(command: readonly string[], options?: Run): Promise<RunResult>;
  exec(command: readonly string[], options?: Exec): Promise<StreamSession>;
  attach(name: string, options?: StreamOptions): Promise<StreamSession>;
  /** Somebody else's view of the server. */
  stranger(token: string): Promise<Api<Pod>>;
  close(): Promise<void>;
}

export async function createBench(target: SessionTarget): Promise<Bench> {
  const { protocols, image } = target;
  const client = createClient(await target.config());
  const clients = [client];
  const api = new Api(Pod, { client });
  const pods = createPods(api, image);
  const shell = await pods.run("sleep 3600");
  // Where the server does not tell a success the command has to.
  const certain = { protocols, ...(!tellsStatus(protocols) && { verify: true }) };
  return {
    api,
    pods,
    shell,
    protocols,
    run: (command, options) => api.exec.run(shell, { command, ...certain, ...options }),
    exec: (command, options) =>
      // A terminal's output cannot be verified.
      api.exec.stream(shell, { command, ...(options?.tty ? { protocols } : certain), ...options }),
    // A busy server may take long to tell an end, or that there is none; an audit has a minute for all.
    attach: (name, options) => api.attach.stream(name, { protocols, exitTimeoutMs: 50_000, ...options }),
    async stranger(token) {
      const other = createClient(await target.stranger(token));
      clients.push(other);
      return new Api(Pod, { client: other });
    },
    async close() {
      await pods.deleteAll();
      await Promise.all(clients.map((one) => one.close()));
    },
  };
}

/** What this target can do, of what audits may need. */
export function abilitiesOf(target: SessionTarget): readonly Need[] {
  const abilities: Need[] = [target.protocols[0]?.startsWith("v5.") ? "half-close" : "no half-close"];
  if (tellsStatus(target.protocols)) abilities.push("status");
  if (target.terminals) abilities.push("terminals");
  if (target.refusals ?? true) abilities.push("refusals");
  return abilities;
}

/** Whether the expected protocol has a Status; v1 has a text, and only for failures. */
function tellsStatus([first = ""]: readonly string[]): boolean {
  return first.startsWith("v");
}
