import { decodeStatus, type Status } from "@podwire/codec";
import { expect, test } from "vitest";
import { codeOfRefusal } from "../src/kubelet-refusal.ts";
import { exitOf } from "../src/session/exit.ts";
import { createStatusChannel } from "../src/session/status-channel.ts";

const prefix = "Internal error occurred: unable to upgrade connection: ";

function statusOf(message: string): Status | undefined {
  const channel = createStatusChannel(decodeStatus);
  channel.push(
    Buffer.from(JSON.stringify({ status: "Failure", message, reason: "InternalError", code: 500 })),
  );
  return channel.status;
}

function exitAfter(message: string, receivedBytes = 0) {
  const status = statusOf(message);
  const bytes = { receivedBytes: 0, discardedBytes: 0 };
  const facts = {
    ...(status && { status }),
    stdout: { ...bytes, receivedBytes },
    stderr: bytes,
    stdinBytes: 0,
  };
  const close = { code: 1000, reason: "", wasClean: true };
  return exitOf({ facts, close, statusError: undefined, local: undefined, codeOfRefusal });
}

test.for([
  [`${prefix}container main not found in pod web_default`, "CONTAINER_NOT_RUNNING"],
  [`${prefix}pod does not exist`, "NOT_FOUND"],
  [
    'Internal error occurred: error sending request: Post "https://10.0.0.1:10250/exec": EOF',
    "NODE_UNREACHABLE",
  ],
  [
    'Internal error occurred: error executing command in container: exec: "nope": not found',
    "FAILED_TO_START",
  ],
] as const)("a refusal behind the 101 has the code of the same one before it: %s", ([message, code]) => {
  expect(exitAfter(message)).toMatchObject({ kind: "failedToStart", error: { code, httpStatus: 500 } });
});

test("the same words after some output are no refusal", () => {
  expect(exitAfter(`${prefix}pod does not exist`, 1)).toMatchObject({
    kind: "failed",
    error: { code: "SERVER_ERROR" },
  });
});

test("the command line, which an API server quotes with the kubelet's URL, is in no Status", () => {
  const secret = "hunter2";
  const message = `error sending request: Post "https://10.0.0.1:10250/exec/default/web/main?command=echo&command=${secret}": EOF`;
  expect(statusOf(message)?.message).toBe(
    'error sending request: Post "https://10.0.0.1:10250/exec/default/web/main": EOF',
  );
  expect(JSON.stringify(exitAfter(message))).not.toContain(secret);
});
