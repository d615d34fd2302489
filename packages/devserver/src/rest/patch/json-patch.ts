import { applyPatch, type Operation } from "rfc6902";
import { isObject, type JsonObject } from "../../schema/json.ts";
import { badRequest, refusal } from "../../status.ts";

/** RFC 6902: the operations one after the other, or none of them. */
export function jsonPatch(target: JsonObject, patch: unknown): unknown {
  if (!Array.isArray(patch))
    throw badRequest("the body is not a JSON patch: it must be a list of operations");
  const operations = patch.map(operationOf);
  const result: unknown = structuredClone(target);
  const failure = applyPatch(result, operations).find((one) => one !== null);
  if (!failure) return result;
  // A real server says no more than this of it; the reason is a help.
  const why = `the server rejected our request due to an error in our request: ${failure.message}`;
  throw refusal(422, "Invalid", why, {});
}

function operationOf(value: unknown): Operation {
  const { op, path, from, value: operand } = isObject(value) ? value : {};
  if (typeof path === "string") {
    if (op === "add" || op === "replace" || op === "test") return { op, path, value: operand };
    if (op === "remove") return { op, path };
    if ((op === "move" || op === "copy") && typeof from === "string") return { op, path, from };
  }
  throw badRequest(`the body is not a JSON patch: ${JSON.stringify(value)} is no operation`);
}
