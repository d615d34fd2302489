import { badRequest, refusal } from "../status.ts";
import { createFields } from "./fields.ts";
import type { ResourceKind } from "./kinds.ts";
import type { KubernetesObject } from "./object.ts";

/** What a client asks of a deletion. */
export interface DeleteOptions {
  readonly gracePeriodSeconds: number | undefined;
  /** Throws the refusal when the object is not the one that is meant. */
  check(object: KubernetesObject, kind: ResourceKind): void;
}

export function deleteOptionsOf(query: URLSearchParams, body: unknown): DeleteOptions {
  const options = createFields(body ?? {}, "", { kind: "DeleteOptions", causes: [] });
  if (!options) throw badRequest("the body of a delete must be DeleteOptions");
  if ((options.words("dryRun") ?? []).length > 0) throw badRequest("dryRun is not supported by devserver");
  const preconditions = options.object("preconditions");
  const expected = { uid: preconditions.text("uid"), resourceVersion: preconditions.text("resourceVersion") };
  return {
    gracePeriodSeconds: options.integer("gracePeriodSeconds") ?? secondsOf(query.get("gracePeriodSeconds")),
    check({ metadata }, kind) {
      for (const [field, title] of [
        ["uid", "UID"],
        ["resourceVersion", "ResourceVersion"],
      ] as const) {
        if (expected[field] === undefined || expected[field] === metadata[field]) continue;
        const why = `the ${title} in the precondition (${expected[field]}) does not match the ${title} in record (${metadata[field]})`;
        throw conflict(kind, metadata.name, why);
      }
    },
  };
}

/** The 409 of a change that was made with another object in mind. */
export function conflict(kind: ResourceKind, name: string, why: string): Error {
  const message = `Operation cannot be fulfilled on ${kind.name} "${name}": ${why}`;
  return refusal(409, "Conflict", message, { name, kind: kind.name });
}

function secondsOf(text: string | null): number | undefined {
  if (text === null || text === "") return undefined;
  if (!/^\d+$/.test(text)) throw badRequest(`invalid gracePeriodSeconds: ${JSON.stringify(text)}`);
  return Number(text);
}
