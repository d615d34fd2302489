import { badRequest, refusal } from "../status.ts";
import { createFields } from "./fields.ts";
import type { ResourceKind } from "./kinds.ts";
import type { KubernetesObject } from "./object.ts";

/** What a client asks of a deletion. */
export interface DeleteOptions {
  readonly gracePeriodSeconds: number | undefined;
  readonly dryRun: boolean;
  /** Throws the refusal when the object is not the one that is meant. */
  check(object: KubernetesObject, kind: ResourceKind): void;
}

export function deleteOptionsOf(query: URLSearchParams, body: unknown): DeleteOptions {
  const options = createFields(body ?? {}, "", { kind: "DeleteOptions", causes: [] });
  if (!options) throw badRequest("the body of a delete must be DeleteOptions");
  const preconditions = options.object("preconditions");
  const expected = { uid: preconditions.text("uid"), resourceVersion: preconditions.text("resourceVersion") };
  return {
    dryRun: isDryRun([...query.getAll("dryRun"), ...(options.words("dryRun") ?? [])]),
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

/** Whether a request is to change nothing; a refusal when it says so in other words than `All`. */
export function isDryRun(values: readonly string[]): boolean {
  const wrong = values.find((value) => value !== "All");
  if (wrong !== undefined)
    throw badRequest(`dryRun: Unsupported value: ${JSON.stringify(wrong)}: supported values: "All"`);
  return values.length > 0;
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
