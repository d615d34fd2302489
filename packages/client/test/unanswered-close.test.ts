import { type Dial, dial } from "@podwire/transport";
import { expect, test } from "vitest";
import { Api, createClient, Pod } from "../src/index.ts";
import { hex } from "./api-server.ts";
import { servePod } from "./pod-server.ts";

/** A transport that waits for the answer to a Close for longer than a test may take. */
const patient: Dial = (url, accept, options) => dial(url, accept, { ...options, closeTimeoutMs: 60_000 });
const podsOf = ({ url }: { readonly url: string }) =>
  new Api(Pod, { client: createClient({ server: url, dial: patient }) });

test("a server that reads no more after the status is left, and its status counts", async () => {
  await using peer = await servePod({
    socket(socket) {
      socket.send(hex("03 7b22737461747573223a2253756363657373227d"));
      socket.pause();
    },
  });
  const pods = podsOf(peer.server);
  const session = await pods.exec.stream("p", { command: ["true"], stdin: true, readPod: false });
  expect(await session.exited).toMatchObject({ kind: "exited", code: 0, closeCode: 1006 });
});

test("a server that reads no stdin any more is left", async () => {
  await using peer = await servePod({ socket: (socket) => socket.pause() });
  const pods = podsOf(peer.server);
  const session = await pods.exec.stream("p", { command: ["true"], stdin: true, readPod: false });
  const writing = session.stdin.write(new Uint8Array(33_554_432));
  await session.close();
  await expect(writing).rejects.toMatchObject({ code: "SESSION_ENDED" });
  expect(await session.exited).toMatchObject({ kind: "detached", closeCode: 1006 });
});

test("a server that has read on for a moment, and no more, is left", async () => {
  await using peer = await servePod({ socket: (socket) => socket.pause() });
  // As much is unsent at each look, but for the second.
  const unsent = [2_048, 1_024];
  const reluctant: Dial = async (...call) => {
    const connection = await patient(...call);
    return Object.defineProperty(connection, "bufferedAmount", { get: () => unsent.shift() ?? 1_024 });
  };
  const client = createClient({ server: peer.server.url, dial: reluctant });
  const pods = new Api(Pod, { client });
  const session = await pods.exec.stream("p", { command: ["true"], readPod: false });
  await session.close();
  expect(await session.exited).toMatchObject({ kind: "detached", closeCode: 1006 });
});
