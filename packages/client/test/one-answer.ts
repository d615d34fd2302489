import { Api, type ClientConfig, createClient, Pod } from "../src/index.ts";
import { answer, type Behaviour, type Exchange, serve } from "./api-server.ts";

export const stored = (name: string, more: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default", uid: "u1", resourceVersion: "7" },
  ...more,
});

/** A server that answers everything with one object, and a client of it. */
export async function setup(
  behaviour: Behaviour = { http: (_, response) => answer(response, 200, stored("p")) },
  config: Partial<ClientConfig> = {},
) {
  const server = await serve(behaviour);
  const client = createClient({ server: server.url, ...config });
  return {
    server,
    client,
    pods: new Api(Pod, { client }),
    last: (): Partial<Exchange> => server.exchanges.at(-1) ?? {},
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

export const refusing = (status: number, body: unknown) =>
  setup({ http: (_, response) => answer(response, status, body) });
