import { describe, expect, test } from "vitest";
import { Api, type ClientErrorCode, createClient, type OpenAttempt, Pod } from "../src/index.ts";
import { answer, refusal, serve } from "./api-server.ts";

// What a real API server and its kubelets answer instead of a 101, and what is made of it.

interface Refused {
  readonly status: number;
  /** Text is the kubelet's, an object the API server's own Status. */
  readonly body: string | object;
  readonly headers?: readonly string[];
}

const pod = {
  metadata: { name: "p", resourceVersion: "1" },
  spec: { containers: [{ name: "main" }] },
  status: { phase: "Running", containerStatuses: [{ name: "main", state: { running: {} } }] },
};

async function refuse(kind: "attach" | "exec", { status, body, headers = [] }: Refused): Promise<unknown> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  await using server = await serve({
    http: (_, response) => answer(response, 200, pod),
    upgrade: (_, socket) =>
      socket.end(
        [
          `HTTP/1.1 ${status} Refused`,
          `Content-Length: ${text.length}`,
          "Connection: close",
          ...headers,
          "",
          text,
        ].join("\r\n"),
      ),
  });
  const api = new Api(Pod, { client: createClient({ server: server.url }) });
  // What may be over in a moment is tried again: the first refusal is enough here.
  const controller = new AbortController();
  const onAttempt = ({ error }: OpenAttempt) => controller.abort(error);
  const options = { stdin: true, signal: controller.signal, onAttempt };
  const opening =
    kind === "attach"
      ? api.attach.stream("p", options)
      : api.exec.stream("p", { command: ["true"], ...options });
  return await opening.catch((caught: unknown) => caught);
}

const forbidden = (why: string) => ({
  status: 403,
  body: refusal(403, "Forbidden", `pods "p" is forbidden: ${why}`),
});
const both = 'User "u" cannot get resource "pods/exec" in API group "" in the namespace "default"';
const inUse = "rpc error: code = ResourceExhausted desc = maximum number of in-flight requests exceeded";
const noRuntime = "rpc error: code = Unavailable desc = connection error";

describe("a refused session says what to do", () => {
  test.each<[string, "attach" | "exec", Refused, ClientErrorCode, string]>([
    [
      "where the GET's own check fails",
      "exec",
      forbidden(both),
      "FORBIDDEN",
      `pods "p" is forbidden: ${both} (a WebSocket needs the verb get on pods/exec, since Kubernetes 1.35 also create)`,
    ],
    [
      "where the second check fails, which gives no reason",
      "exec",
      forbidden(""),
      "FORBIDDEN",
      'pods "p" is forbidden: since Kubernetes 1.35 a WebSocket needs the verb create on pods/exec besides get',
    ],
    [
      "where the second check fails for attach",
      "attach",
      forbidden(""),
      "FORBIDDEN",
      'pods "p" is forbidden: since Kubernetes 1.35 a WebSocket needs the verb create on pods/attach besides get',
    ],
    [
      "where an admission plugin has its own words",
      "exec",
      forbidden("no exec on Fridays"),
      "FORBIDDEN",
      'pods "p" is forbidden: no exec on Fridays',
    ],
    [
      "where a runtime knows no subprotocol that is offered",
      "exec",
      { status: 403, body: "" },
      "SUBPROTOCOL_UNSUPPORTED",
      "exec to Pod p: the server supports none of the offered subprotocols (v5 needs Kubernetes 1.30)",
    ],
    [
      "where the credential is no good",
      "exec",
      { status: 401, body: refusal(401, "Unauthorized", "Unauthorized") },
      "UNAUTHORIZED",
      "Unauthorized (the credential is missing, wrong or expired; as a function, `token` is asked for each request)",
    ],
    [
      "where the Pod is not there",
      "exec",
      { status: 404, body: { ...refusal(404, "NotFound", 'pods "p" not found'), details: { name: "p" } } },
      "NOT_FOUND",
      'pods "p" not found',
    ],
    [
      "where the Pod's node is not there",
      "exec",
      {
        status: 404,
        body: { ...refusal(404, "NotFound", 'pods "n1" not found'), details: { name: "n1", kind: "pods" } },
      },
      "NOT_FOUND",
      'pods "n1" not found (Pod p is bound to a node n1, and there is no such node)',
    ],
    [
      "where the kubelet does not know the Pod",
      "exec",
      { status: 404, body: "pod does not exist" },
      "NOT_FOUND",
      "pod does not exist (the node's kubelet does not know the Pod yet)",
    ],
    [
      "where exec's container does not run",
      "exec",
      { status: 500, body: 'container not found ("main")' },
      "CONTAINER_NOT_RUNNING",
      'container not found ("main") (it has not started yet, or is over)',
    ],
    [
      "where attach's container does not run",
      "attach",
      { status: 500, body: "container main not found in pod p_default" },
      "CONTAINER_NOT_RUNNING",
      "container main not found in pod p_default (it has not started yet, or is over)",
    ],
    [
      "where the kubelet cannot be reached",
      "exec",
      {
        status: 500,
        body: refusal(500, "", "error dialing backend: dial tcp 10.0.0.1:10250: connect: refused"),
      },
      "NODE_UNREACHABLE",
      "error dialing backend: dial tcp 10.0.0.1:10250: connect: refused (the API server cannot reach the kubelet of the Pod's node)",
    ],
    ["where the runtime is down", "exec", { status: 500, body: noRuntime }, "SERVER_ERROR", noRuntime],
    [
      "where the API server is busy, in its Status",
      "exec",
      {
        status: 429,
        body: { ...refusal(429, "TooManyRequests", "slow down"), details: { retryAfterSeconds: 3 } },
      },
      "TOO_MANY_REQUESTS",
      "slow down (try again after 3 s)",
    ],
    [
      "where a runtime is busy, in a header",
      "exec",
      { status: 429, body: inUse, headers: ["Retry-After: 60"] },
      "TOO_MANY_REQUESTS",
      `${inUse} (try again after 60 s)`,
    ],
    [
      "where nobody is asked for stdin, stdout or stderr",
      "exec",
      { status: 400, body: "you must specify at least 1 of stdin, stdout, stderr" },
      "BAD_REQUEST",
      "you must specify at least 1 of stdin, stdout, stderr",
    ],
    [
      "where a proxy answers with nothing",
      "exec",
      { status: 502, body: "" },
      "SERVER_ERROR",
      "exec to Pod p was answered with HTTP 502",
    ],
  ])("%s", async (_when, kind, refused, code, message) => {
    const error = await refuse(kind, refused);
    expect(error).toMatchObject({ name: "ClientError", code, message, httpStatus: refused.status });
    if (typeof refused.body === "object") expect(error).toMatchObject({ status: refused.body });
    else if (refused.body) expect(error).toMatchObject({ body: refused.body, status: undefined });
  });
});

test("a request that is refused has the hints that fit it, and none of a session's", async () => {
  const message = 'pods "n1" is forbidden: ';
  for (const [status, body, expected] of [
    [
      401,
      refusal(401, "Unauthorized", "Unauthorized"),
      /^Unauthorized \(the credential is missing, wrong or expired/,
    ],
    [403, refusal(403, "Forbidden", message), /forbidden: $/],
    [404, { ...refusal(404, "NotFound", 'pods "n1" not found'), details: { name: "n1" } }, /not found$/],
    [
      429,
      { ...refusal(429, "TooManyRequests", "x"), details: { retryAfterSeconds: 1 } },
      /^x \(try again after 1 s\)$/,
    ],
  ] as const) {
    await using server = await serve({ http: (_, response) => answer(response, status, body) });
    const api = new Api(Pod, { client: createClient({ server: server.url }) });
    await expect(api.get("p")).rejects.toMatchObject({
      httpStatus: status,
      message: expect.stringMatching(expected),
    });
  }
});
