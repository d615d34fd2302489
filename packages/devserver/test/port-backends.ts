import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";

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
  const ports = {
    echo: await listen((socket) => socket.on("error", () => undefined).pipe(socket)),
    bye: await listen((socket) => socket.on("error", () => undefined).end("bye\n")),
    nobody: await listen(() => undefined),
  };
  servers.pop()?.close();
  return {
    ports,
    close() {
      for (const server of servers) server.close();
    },
  };
}
