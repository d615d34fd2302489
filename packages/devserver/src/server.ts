import type { IncomingMessage, ServerResponse } from "node:http";
import { createAccess, newToken } from "./access.ts";
import { type Certificates, createCertificates } from "./certificates.ts";
import { createServerFolder, removeServerFolder } from "./containers/folder.ts";
import { createGuard } from "./containers/guard.ts";
import { createImages, type Image } from "./containers/images.ts";
import { startLocal } from "./containers/local.ts";
import { DevServerError } from "./errors.ts";
import { createFaults, type Faults } from "./faults/faults.ts";
import { createGate } from "./faults/gate.ts";
import { createCut } from "./faults/resets.ts";
import type { Observer } from "./faults/wire.ts";
import { createHttpServer, listen } from "./http-server.ts";
import { kubeconfigOf } from "./kubeconfig.ts";
import { createQuota, type Limits } from "./limits.ts";
import { type CheckedOptions, checkOptions } from "./options.ts";
import { defaultPersonality, type Personality } from "./personality.ts";
import { createKubelet } from "./pods/kubelet.ts";
import type { ConfigStores } from "./pods/pod-config.ts";
import type { RequestInfo } from "./request-info.ts";
import { createRestHandler } from "./rest/handler.ts";
import { createResources } from "./rest/resources.ts";
import { createRevisions, createStore } from "./rest/store.ts";
import { gitVersionOf } from "./rest/version.ts";
import { answerRuntime } from "./runtime/runtime-upgrade.ts";
import { createTickets, isOfRuntime, type RuntimeStreams } from "./runtime/tickets.ts";
import { createServerEvents, type ServerEvents } from "./server-events.ts";
import { createServerPods, type ServerPods } from "./server-pods.ts";
import { createSessions, type Sessions } from "./sessions/sessions.ts";
import { createUpgrades } from "./streams/upgrade.ts";
import { createAuditor } from "./strict/auditor.ts";
import { createReporter, createViolations, type Violation } from "./strict/violation.ts";

export interface DevServerOptions {
  /** TCP port to listen on; 0, any free one, by default. */
  readonly port?: number;
  /** IP address of this machine to listen on; `127.0.0.1` by default. One that others reach needs `tls`. */
  readonly host?: string;
  /** Names that clients may call it by besides those of loopback and `host`; none by default. */
  readonly allowedHosts?: readonly string[];
  /** Bearer token that clients must send; a random one by default. */
  readonly token?: string;
  /** Images besides busybox, alpine, debian, ubuntu and those of `programs`: `"process"` runs the command here, a function is the program. */
  readonly images?: Readonly<Record<string, Image>>;
  /** Origins of pages that may use the server, such as `http://localhost:5173`; none by default. */
  readonly allowedOrigins?: readonly string[];
  /** Serves https, with a certificate authority of its own, which is `config.ca`; kubectl asks for it. */
  readonly tls?: boolean;
  /** The version of Kubernetes whose sessions it has, from `1.20` on; `1.36` by default, which is how later ones are too. */
  readonly personality?: Personality;
  /** As if a proxy were in front, which ends each connection on which nothing goes for that long; 60,000 is common. */
  readonly idleMs?: number;
  /** Lists in `violations` what clients do against the protocol; a function is told besides. */
  readonly strict?: boolean | ((violation: Violation) => void);
  /** How much clients may ask of it at once; what is left out has its default. */
  readonly limits?: Partial<Limits>;
}

/** A running devserver. Leaving its `await using` block closes it. */
export interface DevServer {
  /** `http://127.0.0.1:port`, or what `tls`, `host` and `allowedHosts` make of it. */
  readonly url: string;
  /** What `createClient` takes: where the server is, and the token. */
  readonly config: DevServerConfig;
  /** The text of a kubeconfig file for it. kubectl takes it with `tls` alone, as it sends no token over plain http. */
  kubeconfig(): string;
  /** Pods for tests, in one line. */
  readonly pods: ServerPods;
  /** What clients did in each exec, attach and port-forward. */
  readonly sessions: Sessions;
  /** What happens to Pods and other objects. */
  readonly events: ServerEvents;
  /** What goes wrong on purpose. */
  readonly faults: Faults;
  /** The runtime's own streaming server, to be met straight. */
  readonly runtime: RuntimeStreams;
  /** What clients have done against the protocol since the start, the first thousand; in strict mode alone. */
  readonly violations: readonly Violation[];
  /** How many violations there have been, those included that `violations` has no room for. */
  readonly violationCount: number;
  /** Ends every container and every connection, and removes their folders. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface DevServerConfig {
  readonly server: string;
  readonly token: string;
  readonly namespace: string;
  /** With `tls`, the certificate authority that clients have to trust; PEM. */
  readonly ca?: string;
}

/**
 * Starts a Kubernetes API server whose Pods are processes of this machine, or functions; on loopback alone unless told
 * otherwise. Rejects
 * with a TypeError or RangeError for wrong options and with `LISTEN_FAILED` when the port cannot be had.
 */
export async function createDevServer(options: DevServerOptions = {}): Promise<DevServer> {
  const {
    port = 0,
    host = "127.0.0.1",
    allowedHosts = [],
    token = newToken(),
    images = {},
    allowedOrigins = [],
    tls = false,
    personality = defaultPersonality,
    idleMs = 0,
    strict = false,
    limits = {},
  } = options;
  const settings = {
    port,
    host,
    allowedHosts,
    token,
    images,
    allowedOrigins,
    tls,
    personality,
    idleMs,
    strict,
    limits,
  };
  const checked = checkOptions(settings);
  const certificates = tls ? await createCertificates(checked.place.names) : undefined;
  const folder = await createServerFolder();
  try {
    return await startServer(settings, checked, certificates, folder);
  } catch (error) {
    await removeServerFolder(folder);
    throw error;
  }
}

async function startServer(
  { port, token, images, allowedOrigins, tls, idleMs, strict }: Required<DevServerOptions>,
  { traits, limits, place }: CheckedOptions,
  certificates: Certificates | undefined,
  folder: string,
): Promise<DevServer> {
  const revisions = createRevisions(limits.storedBytes);
  const store = createStore(revisions);
  const guard = createGuard(folder);
  const findImage = createImages(images, (spec) => {
    guard.stand();
    return startLocal(spec);
  });
  const configs: ConfigStores = { configmaps: createStore(revisions), secrets: createStore(revisions) };
  const kubelet = createKubelet(store, findImage, folder, configs);
  const resources = createResources(
    revisions,
    store,
    configs,
    kubelet,
    gitVersionOf(traits.minor),
    certificates?.ca ?? "",
  );
  const faults = createFaults(traits.asksTwice);
  const tokens = (): readonly string[] => [token, ...faults.tokens()];
  const access = createAccess(tokens, place.names, allowedOrigins);
  const answers = new Set<ServerResponse>();
  const server = createHttpServer(certificates, limits, (request, response) => {
    answers.add(response);
    response.once("close", () => answers.delete(response));
    if (isOfRuntime(request)) answerRuntime(request, response, access, tickets);
    else handle(request, response);
  });
  const violations = createViolations();
  const observe = (info: RequestInfo, request: IncomingMessage): Observer | undefined => {
    if (strict === false) return undefined;
    const report = createReporter(sessions.numberOf(request), info, (violation) => {
      violations.add(violation);
      if (strict !== true) strict(violation);
    });
    return createAuditor(info, report);
  };
  const sessions = createSessions(tokens);
  const pods = createServerPods(resources.pods);
  const events = createServerEvents(resources);
  const gate = createGate(access, faults, traits.asksTwice, createCut(server), observe);
  const room = createQuota(limits.sessions);
  const tickets = createTickets(resources.pods, kubelet, () => url);
  const upgrades = createUpgrades(access, resources.pods, kubelet, gate, traits, sessions, room, tickets);
  const watches = createQuota(limits.watches);
  const handle = createRestHandler(access, resources, kubelet, gate, traits.minor, watches);
  server.timeout = idleMs;
  server.on("upgrade", (request, socket, head) => {
    // What leaves HTTP leaves the server's own time limit.
    if (idleMs > 0) request.socket.setTimeout(idleMs, () => socket.destroy());
    upgrades.answer(request, socket, head);
  });

  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    await kubelet.close();
    await upgrades.close();
    // Watches have told the end of every Pod, and have an end of their own.
    for (const answer of answers) if (answer.headersSent) answer.end();
    server.closeAllConnections();
    await closed;
    for (const one of [sessions, pods, events]) one.close();
    guard.dismiss();
    await removeServerFolder(folder);
  };
  let listening: number;
  try {
    listening = await listen(server, port, place.host);
  } catch (cause) {
    throw new DevServerError("LISTEN_FAILED", `cannot listen on port ${port} of ${place.host}`, { cause });
  }
  const url = `${tls ? "https" : "http"}://${place.name}:${listening}`;
  const config = { server: url, token, namespace: "default", ...(certificates && { ca: certificates.ca }) };
  let closing: Promise<void> | undefined;
  const devServer: DevServer = {
    url,
    get config() {
      return { ...config };
    },
    pods,
    sessions,
    events,
    faults,
    runtime: { exec: tickets.exec, attach: tickets.attach, portForward: tickets.portForward },
    violations: violations.kept,
    get violationCount() {
      return violations.count;
    },
    kubeconfig: () => kubeconfigOf(config),
    close() {
      closing ??= close();
      return closing;
    },
    [Symbol.asyncDispose]: () => devServer.close(),
  };
  // It holds the token: keep it out of logs and JSON.
  Object.defineProperty(devServer, "config", { enumerable: false });
  return devServer;
}
