import type { IncomingMessage } from "node:http";
import { openApiVersionOf } from "./version.ts";

/** The document as Go's clients ask for it. */
const protobufType = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
/** The sign of the request is none that a media type may have. */
const answeredType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

/**
 * `/openapi/v2`, with nothing in it: schemas are in v3. kubectl asks for it to look into lists, and leaves what it finds no
 * schema for to the server, which looks at each object itself.
 */
export function openApiV2(
  { headers: { accept = "" } }: IncomingMessage,
  minor: number,
): { readonly body: object; readonly contentType: string } {
  const version = openApiVersionOf(minor);
  if (!accept.includes(protobufType)) {
    const body = { swagger: "2.0", info: { title, version }, paths: {} };
    return { body, contentType: "application/json" };
  }
  // openapi.v2.Document: swagger is its field 1, info its field 2.
  const info = Buffer.concat([field(1, title), field(2, version)]);
  return { body: Buffer.concat([field(1, "2.0"), field(2, info)]), contentType: answeredType };
}

const title = "Kubernetes";

/** A field of protobuf whose value has a length of less than 128. */
function field(number: number, value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.of((number << 3) | 2, bytes.byteLength), bytes]);
}
