import type { Action } from "./rest-transcript.ts";
import type { Step } from "./session-transcript.ts";

// Sessions in which the client has its say, of devserver and of a real cluster.

const v5 = "v5.channel.k8s.io";
const v4 = "v4.channel.k8s.io";
const v4Base64 = "v4.base64.channel.k8s.io";

const pods = "/api/v1/namespaces/default/pods";
const path = (pod: string, more = ""): string => `${pods}/NAME-${pod}${more}`;

/** A Pod of one container, and that it runs. */
const running = (pod: string, container: object, until = '"phase":"Running"'): readonly Action[] => [
  {
    id: `${pod}: a Pod`,
    method: "POST",
    path: pods,
    body: {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: `NAME-${pod}` },
      spec: {
        restartPolicy: "Never",
        terminationGracePeriodSeconds: 0,
        containers: [{ name: "main", image: "local/busybox:1", command: ["cat"], ...container }],
      },
    },
  },
  { id: `${pod}: runs`, method: "GET", path: path(pod), until },
];
const over = (pod: string): readonly Action[] => [
  { id: `${pod}: is over`, method: "GET", path: path(pod), until: '"phase":"Succeeded"' },
  removed(pod),
];
const removed = (pod: string): Action => ({ id: `${pod}: deleted`, method: "DELETE", path: path(pod) });

const attach = (id: string, protocol: string, pod: string, steps: readonly Step[], tty = false): Action => ({
  id: `${protocol}: ${id}`,
  method: "GET",
  path: path(pod, `/attach?stdin=true&stdout=true${tty ? "&tty=true" : ""}`),
  protocol,
  steps,
});
const forward = (id: string, protocol: string, ports: string, steps: readonly Step[]): Action => ({
  id: `${protocol}: ${id}`,
  method: "GET",
  path: path("port", `/portforward?${ports}`),
  protocol,
  steps,
});

const halfClose = "82 82 00000000 ff00";
const close = "88 82 00000000 03e8";
/** Lines of stdin. */
const hi = "82 84 00000000 00 68690a";
const again = "82 87 00000000 00 616761696e0a";
/** `{"Width":120,"Height":40}`. */
const size = "82 9a 00000000 04 7b225769647468223a3132302c22486569676874223a34307d";

/** Attach with a terminal that has waited for a size: what is typed comes back, and once more from `cat`. */
const typed: readonly Step[] = [
  { after: "", frame: size },
  { after: "sized", frame: "82 84 00000000 00 68690d" },
  { after: "hi\\x0d\\x0ahi\\x0d\\x0a" },
];
const terminal = {
  stdin: true,
  tty: true,
  command: [
    "sh",
    "-c",
    'until [ "$(stty size 2>/dev/null)" = "40 120" ]; do sleep 0.1; done; echo sized; exec cat',
  ],
};

export const sessionActions: readonly Action[] = [
  ...running("kept", { stdin: true }),
  attach("attached, and detached by a half-close", v5, "kept", [
    { after: "", frame: hi },
    { after: "hi", frame: halfClose },
  ]),
  attach("attached again", v5, "kept", [
    { after: "", frame: again },
    { after: "again", frame: halfClose },
  ]),
  attach("attached, and detached by a Close", v5, "kept", [
    { after: "", frame: hi },
    { after: "hi", frame: close },
  ]),
  {
    ...attach("attached, and detached by a Close", v4, "kept", [
      { after: "", frame: hi },
      { after: "hi", frame: close },
    ]),
    maySay: '\\x82\\x03{"status":"Success"}',
  },
  {
    ...attach("attached, and detached by a Close", v4Base64, "kept", [
      { after: "", frame: "81 85 00000000 30 61476b4b" },
      { after: "hi", frame: close },
    ]),
    maySay: '\\x813{"status":"Success"}',
  },
  removed("kept"),

  ...running("once", { stdin: true, stdinOnce: true }),
  attach("the end of stdin, once", v5, "once", [
    { after: "", frame: hi },
    { after: "hi", frame: halfClose },
  ]),
  ...over("once"),
  ...running("once-closed", { stdin: true, stdinOnce: true }),
  attach("the end of stdin, once, by a Close", v4, "once-closed", [
    { after: "", frame: hi },
    { after: "hi", frame: close },
  ]),
  ...over("once-closed"),

  ...running("two", { stdin: true, stdinOnce: true }),
  {
    ...attach("two that are attached", v5, "two", [
      { after: "", frame: again },
      { after: "again", frame: halfClose },
    ]),
    beside: attach("the other one", v5, "two", [{ after: "", frame: hi }, { after: "hi" }]),
  },
  ...over("two"),

  ...running("terminal", terminal),
  attach("a terminal", v5, "terminal", [...typed, { after: "hi", frame: halfClose }], true),
  attach(
    "a terminal, again, to its end",
    v5,
    "terminal",
    [
      { after: "", frame: "82 87 00000000 00 616761696e0d" },
      { after: "again\\x0d\\x0aagain\\x0d\\x0a", frame: "82 82 00000000 00 04" },
    ],
    true,
  ),
  ...over("terminal"),
  ...running("terminal-v4", terminal),
  attach("a terminal", v4, "terminal-v4", [...typed, { after: "hi", frame: "82 82 00000000 00 04" }], true),
  ...over("terminal-v4"),

  ...running(
    "port",
    {
      // Pods of devserver have their ports on this machine, where the port is taken already.
      command: ["sh", "-c", "nc -ll -p PORT -e cat || exec sleep 1000"],
      readinessProbe: { tcpSocket: { port: "PORT" }, periodSeconds: 1 },
    },
    '"ready":true',
  ),
  forward("a port", v4, "ports=PORT", [
    { after: "\\x01PORT", frame: hi },
    { after: "\\x00hi\\x0a", frame: close },
  ]),
  forward("a port", v4Base64, "ports=PORT", [
    { after: "1PORT", frame: "81 85 00000000 30 61476b4b" },
    { after: "0hi\\x0a", frame: close },
  ]),
  forward("a port where nobody listens", v4, "ports=NOBODY", []),
  forward("a port beside one where nobody listens", v4, "ports=NOBODY&ports=PORT", [
    { after: "error forwarding", frame: "82 84 00000000 02 68690a" },
    { after: "\\x02hi\\x0a", frame: close },
  ]),
  forward("a port twice", v4, "ports=PORT,PORT", [
    { after: "\\x03PORT", frame: hi },
    { after: "\\x00hi\\x0a", frame: "82 87 00000000 02 616761696e0a" },
    { after: "\\x02again\\x0a", frame: close },
  ]),
  removed("port"),
];
