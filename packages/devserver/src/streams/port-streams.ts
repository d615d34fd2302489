import { createSpdyFaults } from "../faults/spdy-faults.ts";
import type { SessionRecorder } from "../sessions/session-recorder.ts";
import { openSpdy } from "../spdy/connection.ts";
import { resetStatuses } from "../spdy/frame.ts";
import type { Headers } from "../spdy/header-block.ts";
import type { SpdyStream } from "../spdy/stream.ts";
import { forwardPort } from "./forward.ts";
import { parsePort } from "./ports.ts";
import type { Upgraded } from "./upgraded.ts";

export const portProtocol = "portforward.k8s.io";

/** How long a client may take to open the second stream of a pair. */
const pairWithinMs = 30_000;

const first = 1;

/** The two streams of one connection to a port. */
interface Pair {
  readonly timer: NodeJS.Timeout;
  data?: SpdyStream;
  error?: SpdyStream;
}

/** Ports over SPDY: for each connection a stream of its bytes, and one for what went wrong with it. */
export function servePortStreams(
  { socket, head, faults: met = [] }: Upgraded,
  sandbox: string,
  recorder: SessionRecorder,
): void {
  const pairs = new Map<string, Pair>();

  const pairOf = (id: string): Pair => {
    const timer = setTimeout(() => {
      pairs.delete(id);
      pair.error?.bytes.write(`(conn=devserver, request=${id}) timed out waiting for streams`);
    }, pairWithinMs);
    const pair: Pair = { timer };
    pairs.set(id, pair);
    return pair;
  };

  const faults = createSpdyFaults(met, {
    stream: () => undefined,
    goAway: (status) => connection.goAway(status),
  });
  const connection = openSpdy(socket, head, {
    refuse: (headers) =>
      isOfPort(headers) ? faults.refuse(headers.get("streamtype") ?? "") : resetStatuses.cancel,
    sent: faults.sent,
    opened(stream) {
      if (stream.id === first) faults.begin();
      const id = requestIdOf(stream);
      const type = stream.headers.get("streamtype") === "data" ? "data" : "error";
      const pair = pairs.get(id) ?? pairOf(id);
      if (pair[type]) {
        const why = `error processing stream for request ${id}: ${type} stream already assigned`;
        pair.error?.bytes.write(why);
        return;
      }
      pair[type] = stream;
      // Nobody waits for the other one when one is gone.
      stream.bytes.once("close", () => {
        if (pairs.get(id) !== pair) return;
        clearTimeout(pair.timer);
        pairs.delete(id);
      });
      // What a client says there means nothing.
      if (type === "error") stream.bytes.resume();
      if (!pair.data || !pair.error) return;
      clearTimeout(pair.timer);
      pairs.delete(id);
      void forward(pair.data, pair.error, sandbox, recorder);
    },
    gone() {
      for (const { timer } of pairs.values()) clearTimeout(timer);
    },
  });
}

async function forward(
  data: SpdyStream,
  error: SpdyStream,
  sandbox: string,
  recorder: SessionRecorder,
): Promise<void> {
  try {
    await forwardPort(data.bytes, Number(data.headers.get("port")), sandbox, recorder);
    data.bytes.end();
    error.bytes.end();
  } catch (fault) {
    data.bytes.end();
    error.bytes.write(fault instanceof Error ? fault.message : String(fault), () => error.bytes.destroy());
  }
}

function isOfPort(headers: Headers): boolean {
  const port = parsePort(headers.get("port") ?? "");
  const type = headers.get("streamtype");
  return typeof port === "number" && port > 0 && (type === "data" || type === "error");
}

/** Where a client gives no number, its streams belong together by theirs: the error's first, then the data's. */
function requestIdOf({ id, headers }: SpdyStream): string {
  const given = headers.get("requestid") ?? "";
  if (given !== "") return given;
  return String(headers.get("streamtype") === "data" ? id - 2 : id);
}
