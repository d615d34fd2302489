import { Duplex } from "node:stream";
import { finished } from "node:stream/promises";
import type { SessionRecorder } from "../sessions/session-recorder.ts";
import { runtimeRules } from "../websocket/rules.ts";
import { openWebSocket, type WebSocket } from "../websocket/web-socket.ts";
import { piecesOf } from "./channels.ts";
import { forwardPort } from "./forward.ts";
import type { Subprotocol } from "./subprotocol.ts";
import type { Upgraded } from "./upgraded.ts";

/**
 * Ports over the channels of one WebSocket: for each an even one with its bytes and the odd one behind it for what went
 * wrong. There is one connection for each port, made at once, and nobody is told when one of several has ended.
 */
export function servePortSocket(
  { socket, head }: Upgraded,
  { encoding }: Subprotocol,
  ports: readonly number[],
  sandbox: string,
  recorder: SessionRecorder,
): void {
  /** The carriers that hold as much as they may: they stop them all. */
  const full = new Set<Duplex>();
  let writers: (() => void)[] = [];

  const send = (channel: number, bytes: Uint8Array): boolean =>
    webSocket.send(encoding.kind, ...encoding.encode(channel, bytes));
  const goOn = (): void => {
    const waiting = writers;
    writers = [];
    for (const done of waiting) done();
  };
  const createCarrier = (channel: number): Duplex => {
    const carrier: Duplex = new Duplex({
      read() {
        if (full.delete(carrier) && full.size === 0) webSocket.resume();
      },
      write(chunk: Buffer, _encoding, done) {
        let room = true;
        for (const piece of piecesOf(chunk)) room = send(channel, piece);
        if (room) done();
        else writers.push(done);
      },
      destroy(error, done) {
        if (full.delete(carrier) && full.size === 0) webSocket.resume();
        done(error);
      },
    });
    return carrier;
  };
  const carriers = ports.map((_, index) => createCarrier(index * 2));
  const webSocket: WebSocket = openWebSocket(socket, head, runtimeRules, {
    message(message) {
      const { channel = -1, payload } = encoding.decode(message) ?? {};
      const carrier = carriers[channel / 2];
      if (!payload?.byteLength || !carrier || carrier.destroyed || carrier.push(payload)) return;
      full.add(carrier);
      webSocket.pause();
    },
    drain: goOn,
    gone() {
      // What has come before is still for the Pod.
      for (const carrier of carriers) if (!carrier.destroyed) carrier.push(null);
      goOn();
    },
  });

  for (const [index, port] of ports.entries()) {
    const prefix = Buffer.of(port & 0xff, port >>> 8);
    send(index * 2, prefix);
    send(index * 2 + 1, prefix);
  }
  const forward = async (carrier: Duplex, index: number): Promise<void> => {
    await forwardPort(carrier, ports[index] ?? 0, sandbox, recorder).catch((error: Error) => {
      send(index * 2 + 1, Buffer.from(error.message));
    });
    carrier.end();
    await finished(carrier, { readable: false }).catch(() => undefined);
    carrier.destroy();
  };
  void Promise.all(carriers.map(forward)).then(() => {
    recorder.finish({ kind: "success" });
    webSocket.close();
  });
}
