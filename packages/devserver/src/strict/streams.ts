import type { RequestInfo } from "../request-info.ts";
import { isOn } from "../rest/routes.ts";
import type { Headers } from "../spdy/header-block.ts";
import { isSize } from "./messages.ts";
import type { RuleId } from "./rules.ts";

/** Looks at bytes of one stream, which are never none. */
export type CheckStream = (bytes: Buffer) => void;

/** What Kubernetes makes of the streams of a connection. */
export interface StreamKinds {
  /** A stream that the client opens; answers with what looks at its bytes, if it may be. */
  open(headers: Headers): CheckStream | undefined;
  /** The server has ended the connection. */
  over(): void;
}

type Broken = (rule: RuleId) => void;

/** Those of an exec or attach: errors, and one for each that was asked for. */
export function createSessionStreams({ query }: RequestInfo, protocol: string, broken: Broken): StreamKinds {
  const tty = isOn(query, "tty");
  const hasSizes = protocol.startsWith("v3.") || protocol.startsWith("v4.");
  const missing = new Set(["error", ...["stdin", "stdout", "stderr"].filter((one) => isOn(query, one))]);
  // Whoever asks for a terminal and stderr is told so; a kubelet waits for no stream of it.
  if (tty) missing.delete("stderr");
  if (tty && hasSizes) missing.add("resize");
  const known = ["error", "stdin", "stdout", "stderr", ...(hasSizes ? ["resize"] : [])];
  const nothing = (): void => broken("stream-direction");
  const checks: Readonly<Record<string, CheckStream>> = {
    stdin: () => undefined,
    resize: createSizeCheck(broken),
  };
  return {
    open(headers) {
      const type = headers.get("streamtype") ?? "";
      if (!known.includes(type)) broken("stream-type");
      else if (!missing.delete(type) && !(tty && type === "stderr")) broken("stream-asked");
      else return checks[type] ?? nothing;
      return undefined;
    },
    over() {
      if (missing.size > 0) broken("stream-missing");
    },
  };
}

/** Sizes are a stream of objects, which may be cut anywhere. */
function createSizeCheck(broken: Broken): CheckStream {
  let text = "";
  return (bytes) => {
    text += bytes.toString("latin1");
    for (let end = text.indexOf("}"); end >= 0; end = text.indexOf("}")) {
      if (!isSize(Buffer.from(text.slice(0, end + 1)))) broken("resize-size");
      text = text.slice(end + 1);
    }
    if (text.length <= longestSize) return;
    broken("resize-size");
    text = "";
  };
}

const longestSize = 1_024;

/** Those of ports: for each connection one of errors and one of its bytes, with its number and its port. */
export function createPortStreams(broken: Broken): StreamKinds {
  const seen = new Set<string>();
  const nothing = (): void => broken("stream-direction");
  return {
    open(headers) {
      const type = headers.get("streamtype") ?? "";
      const port = headers.get("port") ?? "";
      const id = headers.get("requestid") ?? "";
      if (type !== "error" && type !== "data") {
        broken("stream-type");
        return undefined;
      }
      if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) broken("port-header");
      const key = `${type} ${id}`;
      if (id === "" || seen.has(key)) broken("request-id");
      // As many as there are numbers of streams would be too many.
      if (seen.size < mostRequests && id.length <= longestId) seen.add(key);
      return type === "error" ? nothing : () => undefined;
    },
    over: () => undefined,
  };
}

const mostRequests = 10_000;
const longestId = 100;
