import { expect, inject, onTestFinished, test } from "vitest";
import type { WorkerAnswer, WorkerTask } from "./fixtures/dedicated-worker.ts";

test.for([true, false])("a dedicated worker can dial, WebSocketStream being there: %s", async (streams) => {
  const worker = new Worker(new URL("fixtures/dedicated-worker.ts", import.meta.url), { type: "module" });
  onTestFinished(() => worker.terminate());
  const answer = await new Promise<WorkerAnswer>((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = reject;
    const task: WorkerTask = { url: `${inject("transportUrl")}/echo`, streams };
    worker.postMessage(task);
  });
  expect(answer).toEqual({
    readBackpressure: streams,
    messages: ["text", new Uint8Array([1, 2, 3])],
    end: { code: 4321, wasClean: true },
  });
});
