import { applyPatch, type Operation } from "rfc6902";
import { isObject, type JsonObject } from "../../schema/json.ts";
import { badRequest, refusal } from "../../status.ts";

/** RFC 6902: the operations one after the other, or none of them. */
export function jsonPatch(target: JsonObject, patch: unknown): unknown {
  if (!Array.isArray(patch)) {
    const why = "json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp";
    throw badRequest(`error decoding patch: ${why}`);
  }
  const operations = patch.map(operationOf);
  const result: unknown = structuredClone(target);
  const failure = applyPatch(result, operations).find((one) => one !== null);
  if (!failure) return result;
  throw rejected(failure.message);
}

/** A real server says no more of it than that it is wrong; the reason is a help. */
function rejected(why: string): Error {
  const message = `the server rejected our request due to an error in our request: ${why}`;
  return refusal(422, "Invalid", message, {});
}

function operationOf(value: unknown): Operation {
  const { op, path, from, value: operand } = isObject(value) ? value : {};
  if (typeof path === "string") {
    if (op === "add" || op === "replace" || op === "test") return { op, path, value: operand };
    if (op === "remove") return { op, path };
    if ((op === "move" || op === "copy") && typeof from === "string") return { op, path, from };
  }
  throw rejected(`${JSON.stringify(value)} is no operation`);
}
