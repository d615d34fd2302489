import { randomBytes } from "node:crypto";
import { createServer, type Server, type ServerResponse } from "node:http";
import { createAccess } from "./access.ts";
import { createServerFolder, removeServerFolder } from "./containers/folder.ts";
import { createGuard } from "./containers/guard.ts";
import { createImages, type Image } from "./containers/images.ts";
import { startLocal } from "./containers/local.ts";
import { DevServerError } from "./errors.ts";
import { createKubelet } from "./pods/kubelet.ts";
import { createRestHandler } from "./rest/handler.ts";
import { createResources } from "./rest/resources.ts";
import { createRevisions, createStore } from "./rest/store.ts";
import { createUpgrades } from "./streams/upgrade.ts";

export interface DevServerOptions {
  /** TCP port of 127.0.0.1 to listen on; 0, any free one, by default. */
  readonly port?: number;
  /** Bearer token that clients must send; a random one by default. */
  readonly token?: string;
  /** Images besides busybox, alpine, debian and ubuntu: `"process"` runs the command here, a function is the program. */
  readonly images?: Readonly<Record<string, Image>>;
  /** Origins of pages that may use the server, such as `http://localhost:5173`; none by default. */
  readonly allowedOrigins?: readonly string[];
}

/** A running devserver. Leaving its `await using` block closes it. */
export interface DevServer {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** What `createClient` takes: where the server is, and the token. */
  readonly config: DevServerConfig;
  /** Ends every container and every connection, and removes their folders. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface DevServerConfig {
  readonly server: string;
  readonly token: string;
  readonly namespace: string;
}

/**
 * Starts a Kubernetes API server whose Pods are processes of this machine, or functions; on 127.0.0.1 only. Rejects
 * with a TypeError or RangeError for wrong options and with `LISTEN_FAILED` when the port cannot be had.
 */
export async function createDevServer(options: DevServerOptions = {}): Promise<DevServer> {
  const {
    port = 0,
    token = randomBytes(24).toString("base64url"),
    images = {},
    allowedOrigins = [],
  } = options;
  checkOptions(port, token, images, allowedOrigins);
  const folder = await createServerFolder();
  const revisions = createRevisions();
  const store = createStore(revisions);
  const guard = createGuard(folder);
  const findImage = createImages(images, (spec) => {
    guard.stand();
    return startLocal(spec);
  });
  const kubelet = createKubelet(store, findImage, folder);
  const resources = createResources(revisions, store, kubelet);
  const access = createAccess(token, allowedOrigins);
  const upgrades = createUpgrades(access, resources.pods, kubelet);
  // The command of an exec is in its URL: as long as an API server's headers may be.
  const handle = createRestHandler(access, resources);
  const answers = new Set<ServerResponse>();
  const server = createServer({ maxHeaderSize: 1_048_576 }, (request, response) => {
    answers.add(response);
    response.once("close", () => answers.delete(response));
    handle(request, response);
  });
  server.on("upgrade", upgrades.answer);

  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    await kubelet.close();
    await upgrades.close();
    // Watches have told the end of every Pod, and have an end of their own.
    for (const answer of answers) if (answer.headersSent) answer.end();
    server.closeAllConnections();
    await closed;
    guard.dismiss();
    await removeServerFolder(folder);
  };
  let listening: number;
  try {
    listening = await listen(server, port);
  } catch (cause) {
    await removeServerFolder(folder);
    throw new DevServerError("LISTEN_FAILED", `cannot listen on port ${port} of 127.0.0.1`, { cause });
  }
  const url = `http://127.0.0.1:${listening}`;
  let closing: Promise<void> | undefined;
  const devServer: DevServer = {
    url,
    get config() {
      return { server: url, token, namespace: "default" };
    },
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

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}

function checkOptions(
  port: number,
  token: string,
  images: Readonly<Record<string, Image>>,
  allowedOrigins: readonly string[],
): void {
  if (typeof port !== "number") throw new TypeError("port must be a number");
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new RangeError(`port must be an integer from 0 to 65535, not ${port}`);
  }
  if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token)) {
    throw new TypeError("token must be a text that a header can carry, without spaces");
  }
  for (const [name, image] of Object.entries(images)) {
    if (image === "process" || typeof image === "function") continue;
    throw new TypeError(`images[${JSON.stringify(name)}] must be "process" or a function`);
  }
  if (!Array.isArray(allowedOrigins)) throw new TypeError("allowedOrigins must be a list");
  for (const origin of allowedOrigins) {
    if (typeof origin === "string" && URL.canParse(origin) && new URL(origin).origin === origin) continue;
    const example = "such as http://localhost:5173, without a path";
    throw new TypeError(`allowedOrigins has ${JSON.stringify(origin)}, which is no origin (${example})`);
  }
}
