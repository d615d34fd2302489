import { badRequest, type Cause, invalid, refusal } from "../status.ts";
import { isOn } from "./routes.ts";

/** What a list or a watch is asked for, besides its selectors. */
export interface ListOptions {
  /** Undefined for "as it is now", 0 for "as you have it". */
  readonly version: number | undefined;
  readonly limit: number;
  /** The key after which to go on; empty at the beginning. */
  readonly after: string;
  readonly timeoutSeconds: number;
  readonly bookmarks: boolean;
  readonly initialEvents: boolean | undefined;
}

/** Reads the query as an API server does; throws the refusal of what it refuses. */
export function listOptionsOf(query: URLSearchParams, current: number): ListOptions {
  const watch = isOn(query, "watch");
  const version = versionOf(query.get("resourceVersion") ?? "");
  const match = query.get("resourceVersionMatch") ?? "";
  const initialEvents = query.has("sendInitialEvents") ? isOn(query, "sendInitialEvents") : undefined;
  checkMatch(watch, match, initialEvents, version);
  if (version !== undefined && version > current) throw tooLarge(version, current);
  if (match === "Exact" && version !== current) {
    throw refusal(410, "Expired", "The resourceVersion for the provided list is too old.");
  }
  return {
    version,
    limit: numberOf(query, "limit") || Number.POSITIVE_INFINITY,
    after: afterOf(query.get("continue") ?? ""),
    timeoutSeconds: numberOf(query, "timeoutSeconds"),
    bookmarks: isOn(query, "allowWatchBookmarks"),
    initialEvents,
  };
}

/** The token that lets a list go on behind a key. */
export function continueAfter(key: string): string {
  return Buffer.from(key).toString("base64url");
}

function checkMatch(
  watch: boolean,
  match: string,
  initialEvents: boolean | undefined,
  version: number | undefined,
): void {
  if (!["", "Exact", "NotOlderThan"].includes(match)) {
    const message = `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`;
    const cause: Cause = { reason: "FieldValueNotSupported", message, field: "resourceVersionMatch" };
    throw invalid("ListOptions", "", [cause], "meta.k8s.io");
  }
  const forbid = (field: string, why: string): void => {
    const cause: Cause = { reason: "FieldValueForbidden", message: `Forbidden: ${why}`, field };
    throw invalid("ListOptions", "", [cause], "meta.k8s.io");
  };
  if (!watch && initialEvents !== undefined) {
    forbid("sendInitialEvents", "sendInitialEvents is forbidden for list");
  }
  if (watch && initialEvents === undefined && match !== "") {
    const why = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided";
    forbid("resourceVersionMatch", why);
  }
  if (initialEvents !== undefined && match !== "NotOlderThan") {
    const why = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
    forbid("resourceVersionMatch", why);
  }
  if (!watch && match !== "" && version === undefined) {
    forbid("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided");
  }
}

function tooLarge(version: number, current: number): Error {
  const message = `Timeout: Too large resource version: ${version}, current: ${current}`;
  const cause = { reason: "ResourceVersionTooLarge", message: "Too large resource version" };
  return refusal(504, "Timeout", message, { causes: [cause] });
}

function versionOf(text: string): number | undefined {
  if (text === "") return undefined;
  if (!/^\d+$/.test(text))
    throw badRequest(
      `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  return Number(text);
}

function numberOf(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? "";
  if (!/^\d*$/.test(text))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

function afterOf(token: string): string {
  const key = Buffer.from(token, "base64url").toString();
  if (token !== "" && !key.includes("/")) throw badRequest("continue key is not valid");
  return key;
}
