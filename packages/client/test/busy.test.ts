import { execFileSync } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { type Dial, dial } from "@podwire/transport";
import { describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import { Api, createClient, exec, Pod } from "../src/index.ts";
import { answer, hex, refusal, refuseLate, serve } from "./api-server.ts";
import { podWith } from "./pod-server.ts";

// A program that was busy runs its late timers before it hears what has come: none of them may decide before that.

const success = hex("03 7b22737461747573223a2253756363657373227d");

/** Nothing else happens in this program meanwhile; what it has sent to itself waits in the kernel. */
function beBusy(ms: number): void {
  execFileSync("sleep", [String(ms / 1_000)]);
}

/** Behind this the loop begins anew, with its timers. */
function later(act: () => void): void {
  setTimeout(setImmediate, 50, act);
}

/** As that, two round trips behind the 101, the first of which the client may make before it knows that it is open. */
function opened(socket: WebSocket, act: () => void): void {
  socket.once("pong", () => {
    socket.once("pong", () => setImmediate(act));
    socket.ping();
  });
  socket.ping();
}

function refuse(socket: WebSocket, words: string): void {
  refuseLate(socket, `Internal error occurred: unable to upgrade connection: ${words}`);
}

/** Does that with each WebSocket, which is the first, second or so. */
async function serveSockets(socket: (socket: WebSocket, number: number) => void, read = () => 403) {
  let number = 0;
  const server = await serve({
    http(_, response) {
      const status = read();
      if (status === 200) answer(response, 200, podWith({ stdin: true }));
      else answer(response, status, refusal(status, "Forbidden", "no"));
    },
    socket(accepted) {
      number += 1;
      socket(accepted, number);
    },
  });
  const config = { server: server.url };
  return {
    config,
    pods: new Api(Pod, { client: createClient(config) }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describe("output behind the status is whole", () => {
  const late = (socket: WebSocket): void => {
    socket.send(success);
    opened(socket, () => {
      socket.send(hex("01 78"));
      beBusy(1_300);
      // A server that has heard a Close sends no more.
      later(() => {
        socket.send(hex("01 79"));
        socket.close(1000);
      });
    });
  };

  test("of a session", async () => {
    await using peer = await serveSockets(late);
    const session = await peer.pods.exec.stream("p", { command: ["true"], readPod: false });
    expect(await session.stdout.text()).toBe("xy");
    expect(await session.exited).toMatchObject({ kind: "exited", code: 0 });
  });

  test("of a small session", async () => {
    await using peer = await serveSockets(late);
    const session = await exec(peer.config, "p", { command: ["true"] });
    const chunks: Uint8Array[] = [];
    for await (const chunk of session.stdout) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe("xy");
    expect(await session.exited).toMatchObject({ kind: "exited", code: 0 });
  });
});

test("a refusal behind the 101 is one, and not the end of a session", async () => {
  await using peer = await serveSockets((socket, number) => {
    if (number > 1) return socket.send(hex("01 6f6b"));
    opened(socket, () => {
      refuse(socket, "pod does not exist");
      beBusy(400);
    });
  });
  const session = await peer.pods.attach.stream("p", { stdin: true });
  expect((await session.stdout.until("ok")).match).toBe("ok");
  await session.close();
});

describe("a process whose runtime refuses another attach has ended", () => {
  /** The exit of a process that ends when it is attached to; another attach takes so long to open. */
  async function exitWith(refuseAgain: (socket: WebSocket) => void, openingMs = 0) {
    let over = false;
    const slowly: Dial = async (...call) => {
      const connection = await dial(...call);
      if (over && openingMs > 0) await pause(openingMs);
      return connection;
    };
    await using peer = await serveSockets(
      (socket, number) => {
        if (number > 1) return opened(socket, () => refuseAgain(socket));
        socket.once("message", () => {
          over = true;
          socket.send(success);
          socket.close(1000);
        });
      },
      () => (over ? 403 : 200),
    );
    const pods = new Api(Pod, { client: createClient({ ...peer.config, dial: slowly }) });
    const session = await pods.attach.stream("p", { stdin: true });
    await session.closeStdin();
    return await session.exited;
  }
  const gone = "container main not found in pod p_default";
  // Which code it was cannot be read here; but it is no detachment.
  const unknown = { kind: "endedWithoutStatus" };

  test("though this program was busy when it did", async () => {
    const exit = await exitWith((socket) => {
      refuse(socket, gone);
      beBusy(400);
    });
    expect(exit).toMatchObject(unknown);
  });

  test("though it takes its time, as it took to open", async () => {
    const exit = await exitWith((socket) => void setTimeout(refuse, 900, socket, gone), 400);
    expect(exit).toMatchObject(unknown);
  });
});
