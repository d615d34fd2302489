import { isObject, type JsonObject } from "../../schema/json.ts";
import { apiVersionOf, schemaOf } from "../../schema/schema.ts";
import { badRequest, refusal } from "../../status.ts";
import { type Body, jsonOf } from "../body.ts";
import type { ResourceKind } from "../kinds.ts";
import { jsonPatch } from "./json-patch.ts";
import { mergePatch } from "./merge-patch.ts";
import { strategicMergePatch } from "./strategic-merge.ts";

/** Makes of a stored object what a client wants it to be. */
export type Patch = (object: JsonObject) => unknown;

/** The patch of a body, by its media type; a refusal of one that is none. Apply is another matter. */
export function patchOf({ mediaType, ...body }: Body, kind: ResourceKind): Patch {
  const patch = patches[mediaType];
  if (!patch) throw refusal(415, "UnsupportedMediaType", "415: Unsupported Media Type", {});
  const sent = jsonOf({ mediaType, ...body });
  if (mediaType !== "application/json-patch+json" && !isObject(sent)) {
    const why = "json: cannot unmarshal array into Go value of type map[string]interface {}";
    throw badRequest(`error decoding patch: ${why}`);
  }
  return (object) => patch(object, sent, kind);
}

const patches: Readonly<Record<string, (object: JsonObject, sent: unknown, kind: ResourceKind) => unknown>> =
  {
    "application/json-patch+json": jsonPatch,
    "application/merge-patch+json": mergePatch,
    "application/strategic-merge-patch+json": (object, sent, kind) =>
      strategicMergePatch(object, sent, schemaOf(apiVersionOf(kind), kind.kind) ?? {}),
  };
