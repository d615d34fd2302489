import { createDevServer, type DevServer, type DevServerOptions } from "@podwire/devserver";
import { afterAll, beforeAll } from "vitest";
import type { ContainerSpec, PodSpec } from "../src/pods/pod.ts";
import { createRequests, type Requests, shell } from "./requests.ts";
import { openSession } from "./sessions.ts";

/** One devserver for the tests of a file. */
export interface Served {
  readonly server: DevServer;
  readonly requests: Requests;
  /** For a Pod, another one each time. */
  newName(): string;
  /** Runs a Pod of another name and waits until it runs; answers with the name. */
  run(container: Partial<ContainerSpec>, spec?: Partial<PodSpec>): Promise<string>;
  /** What a command prints on stdout beside a running container. */
  exec(pod: string, command: readonly string[], container?: string): Promise<string>;
}

/** The Pod that most sessions need, which idles. */
export async function runWeb({ requests }: Served): Promise<void> {
  await requests.run("web", shell("sleep 1000"));
}

/** Starts it before the tests of a file and closes it behind them; `before` comes ahead of the first. */
export function serve(
  prefix: string,
  options: DevServerOptions = {},
  before: (served: Served) => Promise<void> | void = () => undefined,
): Served {
  let server: DevServer | undefined;
  let requests: Requests | undefined;
  let count = 0;
  const begun = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error("the server is there while tests run, and not before");
    return value;
  };
  const served: Served = {
    get server() {
      return begun(server);
    },
    get requests() {
      return begun(requests);
    },
    newName() {
      count += 1;
      return `${prefix}-${count}`;
    },
    async run(container, spec) {
      const name = served.newName();
      await served.requests.run(name, container, spec);
      return name;
    },
    async exec(pod, command, container = "") {
      const query = command.map((part) => `command=${encodeURIComponent(part)}`).join("&");
      const target = `${pod}/exec?${query}&container=${container}&stdout=true`;
      const session = await openSession(served.server, target);
      await session.closed;
      return session.text(1);
    },
  };
  beforeAll(async () => {
    server = await createDevServer(options);
    requests = createRequests(server);
    await before(served);
  });
  afterAll(() => server?.close());
  return served;
}
