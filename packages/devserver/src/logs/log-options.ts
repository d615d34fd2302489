import { isOn } from "../rest/routes.ts";
import { badRequest, type Cause, invalid } from "../status.ts";

/** Which part of a log is asked for, and in which form. */
export interface LogOptions {
  readonly container: string;
  readonly previous: boolean;
  readonly follow: boolean;
  readonly timestamps: boolean;
  /** Lines from before are left out; since 1970. */
  readonly sinceMs: number;
  readonly tailLines: number;
  readonly limitBytes: number;
}

/** Reads the query as an API server does, before it looks for the Pod; throws the refusal of what it refuses. */
export function logOptionsOf(query: URLSearchParams, pod: string): LogOptions {
  const seconds = integerAt(query, "sinceSeconds");
  const sinceTime = timeAt(query, "sinceTime");
  const tailLines = integerAt(query, "tailLines");
  const limitBytes = integerAt(query, "limitBytes");
  const causes: Cause[] = [];
  const atLeast = (least: 0 | 1, field: string, value: number | undefined): void => {
    if (value === undefined || value >= least) return;
    const rule = least === 0 ? "greater than or equal to 0" : "greater than 0";
    causes.push({ reason: "FieldValueInvalid", message: `Invalid value: ${value}: must be ${rule}`, field });
  };
  const forbid = (field: string, message: string): void => {
    causes.push({ reason: "FieldValueForbidden", message: `Forbidden: ${message}`, field });
  };
  atLeast(0, "tailLines", tailLines);
  atLeast(1, "limitBytes", limitBytes);
  if (seconds !== undefined && sinceTime !== undefined) {
    forbid("[]", "at most one of `sinceTime` or `sinceSeconds` may be specified");
  } else atLeast(1, "sinceSeconds", seconds);
  if (query.has("stream")) forbid("stream", "may not be specified");
  if (causes.length > 0) throw invalid("PodLogOptions", pod, causes);
  return {
    container: query.get("container") ?? "",
    previous: isOn(query, "previous"),
    follow: isOn(query, "follow"),
    timestamps: isOn(query, "timestamps"),
    sinceMs: seconds === undefined ? (sinceTime ?? 0) : Date.now() - seconds * 1_000,
    tailLines: tailLines ?? Number.POSITIVE_INFINITY,
    limitBytes: limitBytes ?? Number.POSITIVE_INFINITY,
  };
}

function integerAt(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const fault = !/^[+-]?\d+$/.test(text)
    ? "invalid syntax"
    : BigInt(text) !== BigInt.asIntN(64, BigInt(text))
      ? "value out of range"
      : undefined;
  if (fault === undefined) return Number(text);
  throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${fault}`);
}

function timeAt(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name) ?? "";
  if (text === "" || text === "null") return undefined;
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (!Number.isNaN(time)) return time;
  const shown = JSON.stringify(text);
  throw badRequest(`parsing time ${shown} as "2006-01-02T15:04:05Z07:00": cannot parse ${shown} as "2006"`);
}
