import { encodeResize } from "@podwire/codec";
import { TransportError } from "@podwire/transport";
import { segmentOf } from "../arguments.ts";
import type { ClientConfig } from "../client.ts";
import { createDeferred } from "../session/deferred.ts";
import { dialTarget } from "../subresources/dial.ts";
import type { ExecOptions } from "../subresources/exec.ts";
import { firstSizes } from "../subresources/initial-size.ts";
import { connectError } from "../subresources/refusal.ts";
import type { StreamOptions } from "../subresources/stream-options.ts";
import { v4, v5 } from "./protocols.ts";
import { type SmallSession, startSmallSession } from "./session.ts";

/** As many of the options of `attach.stream` as `attach` knows. */
export type SmallAttachOptions = Pick<
  StreamOptions,
  "container" | "namespace" | "requestTimeoutMs" | "signal" | "stderr" | "stdin" | "stdout" | "tty"
>;

/** As many of the options of `exec.stream` as `exec` knows. */
export type SmallExecOptions = SmallAttachOptions & Pick<ExecOptions, "command">;

/** Attaches to a container's own process, which must be running. */
export function attach(
  config: ClientConfig,
  name: string,
  options: SmallAttachOptions = {},
): Promise<SmallSession> {
  return open(config, "attach", name, options);
}

/** Starts a command in a running container and talks to it. */
export async function exec(
  config: ClientConfig,
  name: string,
  options: SmallExecOptions,
): Promise<SmallSession> {
  const { command } = options;
  if (!Array.isArray(command) || !command.length) {
    throw new TypeError("command must be an array of strings");
  }
  return open(config, "exec", name, options, command);
}

async function open(
  config: ClientConfig,
  kind: "attach" | "exec",
  name: string,
  options: SmallAttachOptions,
  command?: readonly string[],
): Promise<SmallSession> {
  const { stdin = false, stdout = true, container, signal } = options;
  const { namespace = config.namespace ?? "default", requestTimeoutMs = config.requestTimeoutMs } = options;
  const tty = !!options.tty;
  const stderr = !tty && (options.stderr ?? true);
  const sizes = typeof options.tty === "object" ? firstSizes(kind, options.tty) : [];
  // Throws for those that nobody can have.
  sizes.forEach(encodeResize);
  const collection = `/api/v1/namespaces/${segmentOf("namespace", namespace)}/pods`;
  const server = String(config.server).replace(/\/+$/, "");
  if (/[?#]/.test(server)) throw new TypeError("server must hold no query or fragment");
  // Below v5 "no stdin" is the end of input, which cuts a terminal's output and ends an attach; a quiet command loses
  // no output there.
  const protocols = stdin ? [v5, v4] : tty || kind === "attach" ? [v5] : [v4];
  const target = {
    kind,
    collection,
    name,
    query: { container, command, stdin, stdout, stderr, tty },
    protocols,
  };
  const token = await tokenOf(config, signal);
  return new Promise((resolve, reject) => {
    dialTarget(
      config,
      server,
      target,
      (connection) => {
        const { session, sink } = startSmallSession(connection, { kind, stdin, stdout, stderr, tty, signal });
        for (const { width, height } of sizes) session.resize(width, height);
        resolve(session);
        return sink;
      },
      { token, signal, handshakeTimeoutMs: requestTimeoutMs },
    ).catch((error) => reject(error instanceof TransportError ? connectError(error, target) : error));
  });
}

/** The token; its supplier is waited for no longer than the signal allows. */
async function tokenOf({ token }: ClientConfig, signal?: AbortSignal): Promise<string | undefined> {
  if (typeof token !== "function") return token;
  signal?.throwIfAborted();
  const aborted = createDeferred<never>();
  const abort = (): void => aborted.reject(signal?.reason);
  signal?.addEventListener("abort", abort);
  try {
    return await Promise.race([token(), aborted.promise]);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
