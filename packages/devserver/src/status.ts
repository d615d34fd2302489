/** One reason inside a Status; its field is a path into the object that was sent. */
export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field?: string;
}

/** What a Status is about. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly Cause[];
}

/** An answer other than success: the API server's Status, or the plain text of a kubelet or a runtime. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: number;
  readonly body: string;
  readonly contentType: "application/json" | "text/plain; charset=utf-8";
  /** When to ask again, where it is said. */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: number, body: string, contentType: Refusal["contentType"], retryAfterSeconds?: number) {
    super(body);
    this.code = code;
    this.body = body;
    this.contentType = contentType;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The API server's refusal, with its reason if it gives one; keys in the order in which Go writes them. */
export function refusal(code: number, reason: string, message: string, details?: StatusDetails): Refusal {
  const status = {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    ...(reason !== "" && { reason }),
    ...(details && { details }),
    code,
  };
  return new Refusal(code, JSON.stringify(status), "application/json");
}

/** What a kubelet or a runtime says, which an API server passes on as it is. */
export function textRefusal(code: number, text: string, retryAfterSeconds?: number): Refusal {
  return new Refusal(code, text, "text/plain; charset=utf-8", retryAfterSeconds);
}

/** What an API server says that has too much to do. */
export function tooManyRequests(): Refusal {
  const message = "Too many requests, please try again later.";
  const { code, body, contentType } = refusal(429, "TooManyRequests", message);
  return new Refusal(code, body, contentType, 1);
}

export function badRequest(message: string): Refusal {
  return refusal(400, "BadRequest", message);
}

export function methodNotAllowed(): Refusal {
  const message = "the server does not allow this method on the requested resource";
  return refusal(405, "MethodNotAllowed", message, {});
}

/** Of a resource, by the name that paths have for it. */
export function notFound(resource: string, name: string, group = ""): Refusal {
  const message = `${qualifiedName(resource, group)} "${name}" not found`;
  return refusal(404, "NotFound", message, detailsOf(resource, name, group));
}

/** The 422 that names everything that is wrong with an object. */
export function invalid(kind: string, name: string, causes: readonly Cause[], group = ""): Refusal {
  const list = causes.map(({ field, message }) => `${field}: ${message}`).join(", ");
  const message = `${qualifiedName(kind, group)} "${name}" is invalid: ${causes.length > 1 ? `[${list}]` : list}`;
  return refusal(422, "Invalid", message, { ...detailsOf(kind, name, group), causes });
}

/** A resource or kind as messages name it: with its group, unless that is the core one. */
export function qualifiedName(name: string, group: string): string {
  return group === "" ? name : `${name}.${group}`;
}

/** Which object of which resource or kind a Status is about; Go leaves out what is empty. */
export function detailsOf(kind: string, name: string | undefined, group: string): StatusDetails {
  return { ...(name && { name }), ...(group !== "" && { group }), ...(kind && { kind }) };
}
