import { get, inDefault, pod, post, remove } from "./rest-requests.ts";
import type { Action } from "./rest-transcript.ts";

const commandOf = (script: string): string =>
  ["sh", "-c", script].map((part) => `command=${encodeURIComponent(part)}`).join("&");
const session = (protocol: string, id: string, target: string): Action =>
  get(`${protocol}: ${id}`, inDefault("pods", target.startsWith("none/") ? target : `NAME/${target}`), {
    protocol,
  });

/** Sessions of every protocol in which only the server speaks. */
export const protocolActions: readonly Action[] = [
  // Sessions without an upgrade, and of Pods that are not there.
  get("exec without an upgrade", `${inDefault("pods", "none-NAME")}/exec?command=true&stdout=true`),
  get("log of none", `${inDefault("pods", "none-NAME")}/log`),
  post("a log that is posted", `${inDefault("pods", "none-NAME")}/log`, {}),
  // Sessions: their bytes, and why there is none.
  post("a Pod", `${inDefault("pods")}?fieldManager=a`, pod),
  get("the Pod runs", inDefault("pods", "NAME"), {
    until: '"phase":"Running"',
    shows: ["metadata.managedFields"],
  }),
  ...[
    "v5.channel.k8s.io",
    "v4.channel.k8s.io",
    "v4.base64.channel.k8s.io",
    "channel.k8s.io",
    "base64.channel.k8s.io",
  ].flatMap((protocol) => [
    session(protocol, "an output", `exec?${commandOf("echo hi")}&stdout=true`),
    session(protocol, "an exit code", `exec?${commandOf("exit 3")}&stdout=true&stderr=true`),
    session(protocol, "an error output alone", `exec?${commandOf("echo no >&2")}&stderr=true`),
    session(protocol, "stdin that is not sent", `exec?${commandOf("echo hi")}&stdin=true&stdout=true`),
    session(protocol, "no stream", `exec?${commandOf("true")}`),
    session(protocol, "no container", `exec?${commandOf("true")}&stdout=true&container=zz`),
    session(protocol, "no Pod", "none/exec?command=true&stdout=true"),
    session(protocol, "attach without a container of the name", "attach?stdout=true&container=zz"),
    session(protocol, "attach without a stream", "attach"),
  ]),
  // Their words have an identity, which base64 would hide.
  ...["v5.channel.k8s.io", "v4.channel.k8s.io", "channel.k8s.io"].flatMap((protocol) => [
    session(protocol, "no program", "exec?command=/no/such&stdout=true"),
    session(protocol, "no command", "exec?stdout=true"),
  ]),
  ...["v6.channel.k8s.io", "portforward.k8s.io", "V4.channel.k8s.io"].map((protocol) =>
    session(protocol, "an output", `exec?${commandOf("echo hi")}&stdout=true`),
  ),
  ...["v4.channel.k8s.io", "v4.base64.channel.k8s.io", "v5.channel.k8s.io", "channel.k8s.io"].flatMap(
    (protocol) => [
      session(protocol, "no port", "portforward"),
      session(protocol, "port 0", "portforward?ports=0"),
      session(protocol, "a port that is none", "portforward?ports=x"),
      session(protocol, "a port out of range", "portforward?ports=70000"),
    ],
  ),
  remove("the Pod deleted", `${inDefault("pods", "NAME")}?gracePeriodSeconds=0`),
];
