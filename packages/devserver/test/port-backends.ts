import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** Programs that listen on this machine, as a Pod's processes do. */
export interface Backends {
  /** Ports where all comes back, where `bye` is said and the end, and where nobody listens. */
  readonly ports: { readonly echo: number; readonly bye: number; readonly nobody: number };
  close(): void;
}

export async function startBackends(): Promise<Backends> {
  const servers: Server[] = [];
  const listen = async (serve: (socket: Socket) => void): Promise<number> => {
    const server = createServer(serve).listen(0, "127.0.0.1");
    await once(server, "listening");
    servers.push(server);
    const address = server.address();
    return typeof address === "object" ? (address?.port ?? 0) : 0;
  };
  const echo = await listen((socket) => socket.on("error", () => undefined).pipe(socket));
  const bye = await listen((socket) => socket.on("error", () => undefined).end("bye\n"));
  const nobody = await takePort(echo);
  return {
    ports: { echo, bye, nobody: nobody.port },
    close() {
      nobody.release();
      for (const server of servers) server.close();
    },
  };
}

/** Takes a port where nobody listens, and nobody else can begin to: the near end of a connection to one that listens. */
export async function takePort(listening: number): Promise<{ readonly port: number; release(): void }> {
  const socket = connect(listening, "127.0.0.1");
  await once(socket, "connect");
  const { localPort: port } = socket;
  if (port === undefined) throw new Error("a connection has a port of its own");
  return { port, release: () => void socket.destroy() };
}
