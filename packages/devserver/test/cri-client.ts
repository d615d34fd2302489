import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";

/** One field of a message of protobuf; what is false is left out. */
export function field(number: number, value: string | boolean | number): Buffer {
  if (typeof value === "string") {
    const bytes = Buffer.from(value);
    return Buffer.concat([Buffer.of((number << 3) | 2), varint(bytes.byteLength), bytes]);
  }
  return value === false ? Buffer.alloc(0) : Buffer.concat([Buffer.of(number << 3), varint(Number(value))]);
}

function varint(value: number): Buffer {
  return value < 128
    ? Buffer.of(value)
    : Buffer.concat([Buffer.of((value & 127) | 128), varint(value >>> 7)]);
}

/** Calls a runtime over gRPC: `runtime.v1.RuntimeService`. Answers with the message of its answer. */
export async function callRuntime(socketPath: string, method: string, message: Uint8Array): Promise<Buffer> {
  const session = connectHttp2("http://localhost", { createConnection: () => connect(socketPath) });
  const path = `/runtime.v1.RuntimeService/${method}`;
  const request = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
  });
  const length = Buffer.alloc(5);
  length.writeUInt32BE(message.byteLength, 1);
  request.end(Buffer.concat([length, message]));
  const chunks: Buffer[] = [];
  let status: unknown = "0";
  request.on("trailers", (trailers) => {
    status = `${trailers["grpc-status"]} ${trailers["grpc-message"]}`;
  });
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(request, "close");
  session.close();
  if (!String(status).startsWith("0")) throw new Error(`${method}: ${status}`);
  return Buffer.concat(chunks).subarray(5);
}
