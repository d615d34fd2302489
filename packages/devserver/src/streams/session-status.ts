/** How a session ended. */
export type SessionEnd =
  | { readonly kind: "success" }
  | { readonly kind: "exit"; readonly code: number; readonly command: readonly string[] }
  /** A kubelet has refused it, when the API server had accepted it. */
  | { readonly kind: "refused"; readonly why: string }
  /** Its process could not be started. */
  | { readonly kind: "error"; readonly why: string };

/**
 * Who writes the status: the runtime, or the API server or kubelet that translates for it. The runtimes of clusters are
 * of many ages; containerd as it is since 2.3 leaves out what is empty, and the causes of what went wrong with itself.
 */
export type StatusAuthor = "runtime" | "containerd" | "translator";

/** The last word of a session of v4 or v5, without kind and apiVersion; keys in the order in which Go writes them. */
export function statusJson(end: SessionEnd, author: StatusAuthor): string {
  // So does Go's encoder.
  return JSON.stringify(statusOf(end, author)).replace(
    /[<>&]/g,
    (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`,
  );
}

/** That of older protocols: a text where something went wrong, and nothing otherwise. */
export function statusText(end: SessionEnd): string | undefined {
  const status = statusOf(end, "runtime");
  return "message" in status ? status.message : undefined;
}

function statusOf(end: SessionEnd, author: StatusAuthor) {
  const head = author === "containerd" ? {} : { metadata: {} };
  if (end.kind === "success") return { ...head, status: "Success" };
  const failure = { ...head, status: "Failure" };
  if (end.kind === "exit") {
    const said =
      author === "translator"
        ? `command terminated with exit code ${end.code}`
        : `error executing command [${end.command.join(" ")}], exit code ${end.code}`;
    return {
      ...failure,
      message: `command terminated with non-zero exit code: ${said}`,
      reason: "NonZeroExitCode",
      details: { causes: [{ reason: "ExitCode", message: String(end.code) }] },
    };
  }
  // A translator puts the prefix before what the runtime has put it before.
  const why =
    author === "translator" && end.kind === "error" ? `Internal error occurred: ${end.why}` : end.why;
  return {
    ...failure,
    message: `Internal error occurred: ${why}`,
    reason: "InternalError",
    ...(author !== "containerd" && { details: { causes: [{ message: why }] } }),
    code: 500,
  };
}
