import type { DevServerConfig } from "./server.ts";

/** A kubeconfig with one context, in JSON, which is YAML. */
export function kubeconfigOf({ server, token, namespace, ca }: DevServerConfig): string {
  const name = "devserver";
  const cluster = {
    server,
    ...(ca !== undefined && { "certificate-authority-data": Buffer.from(ca).toString("base64") }),
  };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
    "current-context": name,
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
