import type { Socket } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Api, createClient, type ExecOptions, Pod } from "../../src/index.ts";
import { type ApiServer, type Exchange, hex, serve } from "../api-server.ts";
import { type ClientFrame, readFrames, socketOf, switching } from "./raw-peer.ts";

// Who is there and who is not, over real sockets. "For a while" is as long as another session is pinged five times.

const patient = { pingAfterMs: 20, silentAfterMs: 60_000 };
const success = "82 15 03 7b22737461747573223a2253756363657373227d";
const pong = hex("8a 00");

/** One session's peer: what it does on opening, and what it heard. */
interface Peer {
  socket: Socket;
  readonly frames: ClientFrame[];
}
let behave: (peer: Peer) => void = () => undefined;
let heard: (peer: Peer, frame: ClientFrame) => void = () => undefined;
let server: ApiServer;
let pods: Api<Pod>;

beforeEach(async () => {
  server = await serve({
    upgrade(exchange: Exchange, duplex) {
      const socket = socketOf(duplex);
      socket.write(switching(exchange, "v5.channel.k8s.io"));
      const peer: Peer = { socket, frames: [] };
      readFrames(socket, (frame) => {
        peer.frames.push(frame);
        if (isControl(exchange)) control(peer, frame);
        else heard(peer, frame);
      });
      if (!isControl(exchange)) behave(peer);
    },
  });
  pods = new Api(Pod, { client: createClient({ server: server.url }) });
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await server[Symbol.asyncDispose]();
});

const isControl = ({ path }: Exchange): boolean => path.includes("/control/");
const pingsOf = ({ frames }: Peer): number => frames.filter(({ opcode }) => opcode === "ping").length;
const answering = (peer: Peer, { opcode }: ClientFrame): void => {
  if (opcode === "ping") peer.socket.write(pong);
};
const open = (options: Partial<ExecOptions>, name = "p") =>
  pods.exec.stream(name, { command: ["cat"], stdin: true, readPod: false, ...options });

function control(peer: Peer, frame: ClientFrame): void {
  answering(peer, frame);
  if (pingsOf(peer) === 5) peer.socket.end(hex(`${success} 88 02 03e8`));
}

/** As long as it takes another session of the same patience to be pinged five times, and to live by it. */
async function aWhile(): Promise<void> {
  const session = await open({ liveness: patient }, "control");
  expect(await session.exited).toMatchObject({ kind: "exited", code: 0 });
}

test("a peer that answers nothing is silent, and the session ends", async () => {
  behave = () => undefined;
  heard = () => undefined;
  const started = performance.now();
  const session = await open({ liveness: { pingAfterMs: 30, silentAfterMs: 90 } });
  const exit = await session.exited;
  expect(exit).toMatchObject({ kind: "failed", error: { code: "PEER_SILENT" }, complete: "incomplete" });
  expect(performance.now() - started).toBeGreaterThan(90);
  await expect(session.stdout.text()).rejects.toMatchObject({ code: "PEER_SILENT" });
});

test("a peer that only answers pings lives as long as it likes", async () => {
  behave = () => undefined;
  heard = (peer, frame) => {
    answering(peer, frame);
    if (pingsOf(peer) === 10) peer.socket.end(hex(success));
  };
  // Ten pings take longer than the silence that is allowed.
  const session = await open({ liveness: { pingAfterMs: 20, silentAfterMs: 150 } });
  expect(await session.exited).toMatchObject({ kind: "exited", code: 0 });
});

test("while we do not read, nobody is pinged and nobody is silent", async () => {
  const peers: Peer[] = [];
  behave = (peer) => {
    peers.push(peer);
    // 2 MiB of stdout in messages of 32 KiB.
    const frame = Buffer.alloc(4 + 32_769, hex("01 61"));
    hex("82 7e 8001 01").copy(frame);
    for (let count = 0; count < 64; count += 1) peer.socket.write(frame);
    peer.socket.write(hex(success));
    peer.socket.end(hex("88 02 03e8"));
  };
  heard = answering;
  const session = await open({ liveness: { pingAfterMs: 20, silentAfterMs: 60 }, highWaterBytes: 65_536 });
  await aWhile();
  expect(peers.map(pingsOf)).toEqual([0]);
  expect((await session.stdout.bytes()).byteLength).toBe(64 * 32_768);
  expect(await session.exited).toMatchObject({ kind: "exited", code: 0 });
});

test("while what we write does not leave, nobody is pinged, and by default nothing is stalled", async () => {
  const peers: Peer[] = [];
  behave = (peer) => {
    peers.push(peer);
    peer.socket.pause();
  };
  heard = (peer, { payload }) => {
    if (payload.equals(hex("ff00"))) peer.socket.end(hex(`${success} 88 02 03e8`));
    // It speaks while it reads: what lies in sockets by then has left us, and reading it takes as long as it takes.
    else peer.socket.write(pong);
  };
  const session = await open({ liveness: { pingAfterMs: 20, silentAfterMs: 60 } });
  const writing = session.stdin.write(new Uint8Array(33_554_432));
  const closing = session.closeStdin();
  await aWhile();
  for (const { socket } of peers) socket.resume();
  await Promise.all([writing, closing]);
  expect(await session.exited).toMatchObject({ kind: "exited", stdinBytes: 33_554_432 });
  // A ping of that time would lie between the messages.
  const [first] = peers.map(({ frames }) => frames.slice(0, 1_025).map(({ opcode }) => opcode));
  expect(new Set(first)).toEqual(new Set(["message"]));
});

test("asked for, stdin that does not leave is stalled", async () => {
  behave = ({ socket }) => void socket.pause();
  heard = () => undefined;
  const session = await open({ liveness: { ...patient, stdinStalledAfterMs: 60 } });
  const writing = session.stdin.write(new Uint8Array(33_554_432));
  expect(await session.exited).toMatchObject({ kind: "failed", error: { code: "STDIN_STALLED" } });
  await expect(writing).rejects.toMatchObject({ code: "SESSION_ENDED", cause: { code: "STDIN_STALLED" } });
});

test("after the status nobody is pinged, however long the server keeps the connection", async () => {
  const peers: Peer[] = [];
  behave = (peer) => {
    peers.push(peer);
    peer.socket.write(hex(success));
  };
  heard = ({ socket }, { opcode }) => {
    if (opcode === "close") socket.end(hex("88 02 03e8"));
  };
  const session = await open({ liveness: { pingAfterMs: 20, silentAfterMs: 60 } });
  expect(await session.exited).toMatchObject({ kind: "exited", code: 0, closeCode: 1000 });
  expect(peers.map(({ frames }) => frames.map(({ opcode }) => opcode))).toEqual([["close"]]);
});

test("a server that answers pings is sent an empty stdin message all the same, as it may count only those", async () => {
  behave = () => undefined;
  heard = (peer, frame) => {
    answering(peer, frame);
    const { opcode, payload } = frame;
    if (opcode === "message" && payload.equals(hex("00"))) peer.socket.end(hex(`${success} 88 02 03e8`));
  };
  const session = await open({ liveness: { ...patient, keepAliveAfterMs: 100 } });
  expect(await session.exited).toMatchObject({ kind: "exited", stdinBytes: 0 });
});

test("without liveness nobody is pinged", async () => {
  const peers: Peer[] = [];
  behave = (peer) => void peers.push(peer);
  heard = answering;
  const session = await open({ liveness: false });
  await aWhile();
  expect(peers.map(({ frames }) => frames)).toEqual([[]]);
  peers[0]?.socket.destroy();
  expect((await session.exited).kind).toBe("connectionLost");
});

test.each(["closes", "aborts", "loses its peer", "is given up"])(
  "no timer is left of a session that %s",
  async (how) => {
    const timers = watchTimers();
    let peer: Peer | undefined;
    behave = (one) => {
      peer = one;
    };
    heard = (one, { opcode }) => {
      if (opcode === "close") one.socket.end(hex("88 02 03e8"));
    };
    const controller = new AbortController();
    const silent = how === "is given up";
    const session = await open({
      signal: controller.signal,
      liveness: silent ? { pingAfterMs: 20, silentAfterMs: 40 } : {},
    });
    expect(timers.size).toBe(1);
    if (how === "closes") await session.close();
    else if (how === "aborts") controller.abort();
    else if (!silent) peer?.socket.destroy();
    await session.exited;
    expect(timers.size).toBe(0);
  },
);

/** The timers that were set from now on and have neither fired nor been cleared; also those of the transport. */
function watchTimers(): ReadonlySet<unknown> {
  const pending = new Set<unknown>();
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  vi.stubGlobal("setTimeout", (callback: () => void, ms: number) => {
    const timer = set(() => {
      pending.delete(timer);
      callback();
    }, ms);
    pending.add(timer);
    return timer;
  });
  vi.stubGlobal("clearTimeout", (timer: ReturnType<typeof setTimeout>) => {
    pending.delete(timer);
    clear(timer);
  });
  return pending;
}
