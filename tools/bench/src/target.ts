/** Where contenders connect to: our own server, or a cluster by its kubeconfig file. */
export interface Target {
  readonly at: { readonly server: string; readonly token?: string } | { readonly kubeconfig: string };
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** Path and query of an exec as the API server takes it. */
export function execPath(target: Target, command: readonly string[], stdin: boolean): string {
  const query = new URLSearchParams(command.map((part) => ["command", part]));
  query.set("container", target.container);
  for (const channel of stdin ? ["stdin", "stdout", "stderr"] : ["stdout", "stderr"])
    query.set(channel, "true");
  return `/api/v1/namespaces/${target.namespace}/pods/${target.pod}/exec?${query}`;
}
