import { badRequest, invalid, refusal } from "../status.ts";
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
    dryRun: isDryRun("DeleteOptions", [...query.getAll("dryRun"), ...(options.words("dryRun") ?? [])]),
    gracePeriodSeconds: options.integer("gracePeriodSeconds") ?? secondsOf(query.get("gracePeriodSeconds")),
    check({ metadata }, kind) {
      for (const [field, title, happened] of [
        ["uid", "UID", "deleted and then recreated"],
        ["resourceVersion", "ResourceVersion", "modified"],
      ] as const) {
        if (expected[field] === undefined || expected[field] === metadata[field]) continue;
        const why = `the ${title} in the precondition (${expected[field]}) does not match the ${title} in record (${metadata[field]}). The object might have been ${happened}`;
        throw conflict(kind.kind, metadata.name, why);
      }
    },
  };
}

/** Whether a request is to change nothing; a refusal, of these options, when it says so in other words than `All`. */
export function isDryRun(options: string, values: readonly string[]): boolean {
  const wrong = values.find((value) => value !== "All");
  if (wrong !== undefined) {
    const message = `Unsupported value: ${JSON.stringify(values)}: supported values: "All"`;
    const cause = { reason: "FieldValueNotSupported", message, field: "dryRun" };
    throw invalid(options, "", [cause], "meta.k8s.io");
  }
  return values.length > 0;
}

/** The 409 of a change that was made with another object in mind; a deletion names its kind, an update the resource. */
export function conflict(kind: string, name: string, why: string): Error {
  const message = `Operation cannot be fulfilled on ${kind} "${name}": ${why}`;
  return refusal(409, "Conflict", message, { name, kind });
}

function secondsOf(text: string | null): number | undefined {
  if (text === null || text === "") return undefined;
  if (!/^\d+$/.test(text)) throw badRequest(`invalid gracePeriodSeconds: ${JSON.stringify(text)}`);
  return Number(text);
}
