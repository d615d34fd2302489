import type { CloseInfo, Connection, Dial, DialOptions, Sink } from "@podwire/transport";

/** A connection with everything written down that its sink has heard. */
export interface Recording {
  readonly connection: Connection;
  readonly messages: (Uint8Array | string)[];
  readonly closes: CloseInfo[];
  /** Calls that overlapped, or came after `close`. */
  readonly violations: string[];
  drains: number;
  pongs: number;
  readonly closed: Promise<CloseInfo>;
}

/** What a test does inside the calls. */
export interface RecorderHooks {
  accept?(connection: Connection, recording: Recording): void;
  message?(data: Uint8Array | string, recording: Recording): void;
}

/** Dials with a sink that records, and checks the order of its calls. */
export async function record(
  dial: Dial,
  url: string,
  options: DialOptions,
  hooks: RecorderHooks = {},
): Promise<Recording> {
  let accepted: Recording | undefined;
  const connection = await dial(
    url,
    (opened) => {
      const [recording, sink] = createRecording(opened, hooks);
      accepted = recording;
      hooks.accept?.(opened, recording);
      return sink;
    },
    options,
  );
  if (accepted?.connection !== connection)
    throw new Error("dial resolved with another connection than accepted");
  return accepted;
}

function createRecording(connection: Connection, hooks: RecorderHooks): [Recording, Sink] {
  const closes: CloseInfo[] = [];
  const violations: string[] = [];
  let inside = "";
  let resolve: (info: CloseInfo) => void = () => undefined;
  const closed = new Promise<CloseInfo>((onResolve) => {
    resolve = onResolve;
  });
  const recording: Recording = { connection, messages: [], closes, violations, drains: 0, pongs: 0, closed };

  function enter(name: string, body: () => void): void {
    if (inside !== "") violations.push(`${name} inside ${inside}`);
    if (closes.length > 0) violations.push(`${name} after close`);
    inside = name;
    try {
      body();
    } finally {
      inside = "";
    }
  }

  const sink: Sink = {
    message: (data) =>
      enter("message", () => {
        recording.messages.push(typeof data === "string" ? data : data.slice());
        hooks.message?.(data, recording);
      }),
    drain: () =>
      enter("drain", () => {
        recording.drains += 1;
      }),
    pong: () =>
      enter("pong", () => {
        recording.pongs += 1;
      }),
    close: (info) =>
      enter("close", () => {
        closes.push(info);
        resolve(info);
      }),
  };
  return [recording, sink];
}
