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
