import { expect, test } from "vitest";
import { hex } from "./api-server.ts";
import { servePod } from "./pod-server.ts";

test("a server that reads no more after the status is left two seconds later, and its status counts", async () => {
  await using peer = await servePod({
    socket(socket) {
      socket.send(hex("03 7b22737461747573223a2253756363657373227d"));
      socket.pause();
    },
  });
  const begun = performance.now();
  const session = await peer.pods.exec.stream("p", { command: ["true"], stdin: true, readPod: false });
  expect(await session.exited).toMatchObject({ kind: "exited", code: 0, closeCode: 1006 });
  // The transport by itself waits 5 s for the answer to a Close.
  expect(performance.now() - begun).toBeLessThan(4_500);
});

test("a server that reads no stdin any more is left in a second", async () => {
  await using peer = await servePod({ socket: (socket) => socket.pause() });
  const session = await peer.pods.exec.stream("p", { command: ["true"], stdin: true, readPod: false });
  const writing = session.stdin.write(new Uint8Array(33_554_432));
  const begun = performance.now();
  await session.close();
  expect(performance.now() - begun).toBeLessThan(4_000);
  await expect(writing).rejects.toMatchObject({ code: "SESSION_ENDED" });
  expect(await session.exited).toMatchObject({ kind: "detached", closeCode: 1006 });
});
