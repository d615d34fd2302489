import { Api, createClient, type ExecApi, Pod, type RunResult, type StreamSession } from "@podwire/client";
import type { Target } from "../target.ts";
import type { Contender, Echo } from "./contender.ts";

/** podwire with calls: `for await` over stdout, and `stdin.write`. */
export async function createPodwire(target: Target): Promise<Contender> {
  const { exec, options } = await connect(target);
  return {
    async download(command, take) {
      const session = await exec.stream(target.pod, { ...options, command });
      for await (const chunk of session.stdout) {
        const wait = take(chunk);
        if (wait) await wait;
      }
      await succeeded(session);
    },
    async upload(command, writes) {
      const session = await exec.stream(target.pod, { ...options, command, stdin: true });
      for (const write of writes) await session.stdin.write(write);
      const answer = await session.stdout.text();
      await succeeded(session);
      return answer;
    },
    async echo(command) {
      const session = await exec.stream(target.pod, { ...options, command, stdin: true });
      const chunks = session.stdout[Symbol.asyncIterator]();
      return echoOf(session, (message) => session.stdin.write(message), chunks);
    },
  };
}

/** podwire with web streams: `stdout.readable` and `stdin.writable`. */
export async function createPodwireStreams(target: Target): Promise<Contender> {
  const { exec, options } = await connect(target);
  return {
    async download(command, take) {
      const session = await exec.stream(target.pod, { ...options, command });
      const reader = session.stdout.readable.getReader();
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        const wait = take(read.value);
        if (wait) await wait;
      }
      await succeeded(session);
    },
    async upload(command, writes) {
      const session = await exec.stream(target.pod, { ...options, command, stdin: true });
      const writer = session.stdin.writable.getWriter();
      for (const write of writes) await writer.write(write);
      const answer = await session.stdout.text();
      await succeeded(session);
      return answer;
    },
    async echo(command) {
      const session = await exec.stream(target.pod, { ...options, command, stdin: true });
      const reader = session.stdout.readable.getReader();
      const writer = session.stdin.writable.getWriter();
      return echoOf(session, (message) => writer.write(message), { next: () => reader.read() });
    },
  };
}

/** podwire's `exec.run`, which collects the output in memory and takes stdin as an iterable. */
export async function createPodwireRun(target: Target): Promise<Contender> {
  const { exec, options } = await connect(target);
  return {
    async download(command, take) {
      const result = await exec.run(target.pod, { ...options, command, maxOutputBytes: 1_073_741_824 });
      wentWell(result);
      await take(result.stdout.bytes);
    },
    async upload(command, writes) {
      const result = await exec.run(target.pod, { ...options, command, stdin: asyncOf(writes) });
      wentWell(result);
      return result.stdout.text();
    },
    echo: () => Promise.reject(new TypeError("exec.run is not interactive")),
  };
}

async function connect({ at, namespace, container }: Target) {
  // Nothing of the kubeconfig in a process that needs none: its memory is measured.
  const config =
    "server" in at
      ? { server: at.server }
      : await (await import("@podwire/kubeconfig")).loadKubeconfig({ path: at.kubeconfig });
  const exec: ExecApi = new Api(Pod, { client: createClient(config), namespace }).exec;
  // No other contender reads the Pod first.
  return { exec, options: { container, readPod: false } };
}

function echoOf(
  session: StreamSession,
  write: (message: Uint8Array) => Promise<void>,
  chunks: { next(): Promise<{ done?: boolean | undefined; value?: Uint8Array | undefined }> },
): Echo {
  return {
    async roundTrip(message) {
      await write(message);
      for (let bytes = 0; bytes < message.byteLength; ) {
        const { value } = await chunks.next();
        if (!value) throw new Error("the echo ended");
        bytes += value.byteLength;
      }
    },
    close: () => session.close(),
  };
}

async function succeeded(session: StreamSession): Promise<void> {
  const exit = await session.exited;
  if (exit.kind !== "exited" || exit.code !== 0) throw new Error(`ended: ${exit.kind}`);
}

function wentWell({ exitCode }: RunResult): void {
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}`);
}

async function* asyncOf<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}
