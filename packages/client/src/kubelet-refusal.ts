import type { ClientErrorCode } from "./errors.ts";

/**
 * How kubelets and runtimes refuse a session. The same words come as the text of an HTTP answer and, where the API
 * server translates v5 itself (1.30 to 1.35), in a Status after the 101; only what stands before them differs.
 */
const before = /^(Internal error occurred: )*(unable to upgrade connection: )?/;

const refusals: readonly (readonly [RegExp, ClientErrorCode])[] = [
  [/^pod does not exist/, "NOT_FOUND"],
  [/^container not found|^container \S+ not found in pod /, "CONTAINER_NOT_RUNNING"],
  // Anywhere: the runtime's error is wrapped in those of its clients.
  [/container is in CONTAINER_(EXITED|CREATED|UNKNOWN) state$/, "CONTAINER_NOT_RUNNING"],
  [/^error dialing backend: |^error sending request: /, "NODE_UNREACHABLE"],
  [/^you must specify at least 1 of /, "BAD_REQUEST"],
  [/^rpc error: code = ResourceExhausted /, "TOO_MANY_REQUESTS"],
];

/** The code for what a kubelet or a runtime says when it does not begin a session; undefined for anything else. */
export function codeOfRefusal(text: string): ClientErrorCode | undefined {
  const words = text.trim().replace(before, "");
  const code = refusals.find(([pattern]) => pattern.test(words))?.[1];
  return code ?? (/^(Internal error occurred: )*unable to upgrade /.test(text) ? "SERVER_ERROR" : undefined);
}

/** Whether a refusal may be over in a moment: the container is starting, or the kubelet is. */
export function isNotYet(text: string): boolean {
  const code = codeOfRefusal(text);
  return code === "NOT_FOUND" || code === "CONTAINER_NOT_RUNNING";
}
