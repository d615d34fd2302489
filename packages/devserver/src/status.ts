/** One reason inside a Status; its field is a path into the object that was sent. */
export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field?: string;
}

/** What a Status is about. */
export interface StatusDetails {
  readonly name?: string;
  readonly kind?: string;
  readonly causes?: readonly Cause[];
}

/** An answer other than success: the API server's Status, or the plain text of a kubelet or a runtime. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: number;
  readonly body: string;
  readonly contentType: "application/json" | "text/plain; charset=utf-8";

  constructor(code: number, body: string, contentType: Refusal["contentType"]) {
    super(body);
    this.code = code;
    this.body = body;
    this.contentType = contentType;
  }
}

/** The API server's refusal; keys in the order in which Go writes them. */
export function refusal(code: number, reason: string, message: string, details?: StatusDetails): Refusal {
  const status = {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    reason,
    ...(details && { details }),
    code,
  };
  return new Refusal(code, JSON.stringify(status), "application/json");
}

/** What a kubelet or a runtime says, which an API server passes on as it is. */
export function textRefusal(code: number, text: string): Refusal {
  return new Refusal(code, text, "text/plain; charset=utf-8");
}

export function badRequest(message: string): Refusal {
  return refusal(400, "BadRequest", message);
}

export function podNotFound(name: string): Refusal {
  return refusal(404, "NotFound", `pods "${name}" not found`, { name, kind: "pods" });
}

/** The last word of a session on channel 3 (protocol: v4 and v5), without kind and apiVersion. */
export function successStatus(): string {
  return '{"metadata":{},"status":"Success"}';
}

/** The status of an exec whose process ended with another code than 0, as API servers and kubelets write it. */
export function exitStatus(exitCode: number): string {
  const said = `command terminated with exit code ${exitCode}`;
  return JSON.stringify({
    metadata: {},
    status: "Failure",
    message: `command terminated with non-zero exit code: ${said}`,
    reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: String(exitCode) }] },
  });
}

/** The status of a session whose process could not be started. */
export function internalErrorStatus(what: string): string {
  // The prefix is doubled on the way through the translator.
  const message = `Internal error occurred: Internal error occurred: ${what}`;
  return JSON.stringify({
    metadata: {},
    status: "Failure",
    message,
    reason: "InternalError",
    details: { causes: [{ message: `Internal error occurred: ${what}` }] },
    code: 500,
  });
}
