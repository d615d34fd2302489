import type { CloseInfo, Connection, Dial, DialOptions } from "@podwire/transport";

/** An open connection and what came of it. */
export interface Opened {
  readonly connection: Connection;
  readonly ended: Promise<CloseInfo>;
  readBytes(): number;
  /** Resolves with the next pong. */
  answered(): Promise<void>;
}

/** Opens a connection that counts what it is sent; one that is paused from the beginning, if that is asked for. */
export async function open(
  dial: Dial,
  url: string,
  options: Partial<DialOptions> = {},
  paused = false,
): Promise<Opened> {
  let readBytes = 0;
  let end: (info: CloseInfo) => void = () => undefined;
  let onPong: () => void = () => undefined;
  const ended = new Promise<CloseInfo>((resolve) => {
    end = resolve;
  });
  const connection = await dial(
    url,
    (accepted) => {
      if (paused) accepted.pause();
      return {
        message: (data) => {
          readBytes += data.length;
        },
        pong: () => onPong(),
        close: end,
      };
    },
    { protocols: ["v5.channel.k8s.io"], ...options },
  );
  return {
    connection,
    ended,
    readBytes: () => readBytes,
    answered: () =>
      new Promise((resolve) => {
        onPong = resolve;
      }),
  };
}

/** Opens a connection and closes it. */
export async function visit(dial: Dial, url: string, options: Partial<DialOptions> = {}): Promise<void> {
  const { connection, ended } = await open(dial, url, options);
  connection.close();
  await ended;
}
