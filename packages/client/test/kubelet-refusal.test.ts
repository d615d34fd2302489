import { expect, test } from "vitest";
import { codeOfRefusal, isNotYet } from "../src/kubelet-refusal.ts";

const translated = "Internal error occurred: unable to upgrade connection: ";

test.each([
  ["pod does not exist", "NOT_FOUND", true],
  ['container not found ("main")', "CONTAINER_NOT_RUNNING", true],
  ["container main not found in pod p_default", "CONTAINER_NOT_RUNNING", true],
  ["rpc error: code = Unknown desc = container is in CONTAINER_CREATED state", "CONTAINER_NOT_RUNNING", true],
  ["you must specify at least 1 of stdin, stdout, stderr", "BAD_REQUEST", false],
  [
    "rpc error: code = ResourceExhausted desc = maximum number of in-flight requests exceeded",
    "TOO_MANY_REQUESTS",
    false,
  ],
])("%s is %s, also after the 101", (words, code, notYet) => {
  for (const text of [words, `${words}\n`, translated + words]) {
    expect(codeOfRefusal(text)).toBe(code);
    expect(isNotYet(text)).toBe(notYet);
  }
});

test.each([
  ["error dialing backend: dial tcp 127.0.0.1:10250: connect: connection refused", "NODE_UNREACHABLE"],
  [
    'Internal error occurred: error sending request: Post "https://10.0.0.1:10250/exec/d/p/c?command=sh": dial tcp',
    "NODE_UNREACHABLE",
  ],
  [
    `${translated}rpc error: code = InvalidArgument desc = tty and stderr cannot both be true`,
    "SERVER_ERROR",
  ],
])("%s is %s", (text, code) => {
  expect(codeOfRefusal(text)).toBe(code);
  expect(isNotYet(text)).toBe(false);
});

test.each([
  // A command may be called anything.
  'Internal error occurred: error executing command in container: exec: "container not found": executable file not found in $PATH: unknown',
  'Internal error occurred: error executing command in container: exec: "pod does not exist": no such file',
  "Timeout occurred",
  "",
])("%j is no refusal", (text) => {
  expect(codeOfRefusal(text)).toBeUndefined();
});
