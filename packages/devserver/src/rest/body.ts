import type { IncomingMessage } from "node:http";
import { parse } from "yaml";
import { messageOf } from "../errors.ts";
import { badRequest, refusal } from "../status.ts";
import { decodeProtobuf } from "./protobuf.ts";

const limitBytes = 3_145_728;
const protobuf = "application/vnd.kubernetes.protobuf";

/** What a request carried. */
export interface Body {
  /** Without parameters; JSON where the client says nothing. */
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** Reads a body; undefined when there is none. */
export async function readBody(request: IncomingMessage): Promise<Body | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  // The answer to a body that is too long has to get through: the request must not be destroyed.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length;
    if (length > limitBytes) {
      const message = `Request entity too large: limit is ${limitBytes}`;
      throw refusal(413, "RequestEntityTooLarge", message);
    }
    chunks.push(chunk);
  }
  if (length === 0) return undefined;
  const [type = ""] = (request.headers["content-type"] ?? "application/json").split(";");
  return { mediaType: type.trim().toLowerCase(), bytes: Buffer.concat(chunks) };
}

/** The object of a body, whichever way it is written. */
export function objectOf(body: Body | undefined): unknown {
  if (!body) return undefined;
  if (body.mediaType === protobuf) return decodeProtobuf(body.bytes);
  if (body.mediaType === "application/json") return parsed(body, "JSON", JSON.parse);
  if (body.mediaType === "application/yaml") return yamlOf(body);
  const accepted = `application/json, application/yaml, ${protobuf}`;
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted}`;
  throw refusal(415, "UnsupportedMediaType", message);
}

export function jsonOf(body: Body): unknown {
  return parsed(body, "JSON", JSON.parse);
}

/** JSON too, which is YAML. */
export function yamlOf(body: Body): unknown {
  return parsed(body, "YAML", (text) => parse(text));
}

/** As deep as the objects of a body may lie in each other; in Kubernetes it is 10,000, and none has more than a few dozen. */
const deepest = 1_000;

/** Throws what is too deep for whoever walks through it. */
function checkDepth(value: unknown): void {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) throw new RangeError("exceeded max depth");
    level = level.flatMap((one) => (typeof one === "object" && one !== null ? Object.values(one) : []));
  }
}

function parsed({ bytes }: Body, format: string, parser: (text: string) => unknown): unknown {
  try {
    const value = parser(bytes.toString());
    checkDepth(value);
    return value;
  } catch (error) {
    throw badRequest(`the body is not ${format}: ${messageOf(error)}`);
  }
}
