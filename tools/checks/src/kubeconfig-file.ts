import { writeFile } from "node:fs/promises";

/** Where a server is and who is calling: as much of a client's configuration as a kubeconfig can say. */
export interface ServerAccess {
  readonly server: string;
  readonly token: string;
}

/** Writes a kubeconfig file that leads to a server. */
export async function writeKubeconfig(path: string, { server, token }: ServerAccess): Promise<void> {
  const kubeconfig = {
    clusters: [{ name: "devserver", cluster: { server } }],
    users: [{ name: "devserver", user: { token } }],
    contexts: [{ name: "devserver", context: { cluster: "devserver", user: "devserver" } }],
    "current-context": "devserver",
  };
  await writeFile(path, JSON.stringify(kubeconfig), { mode: 0o600 });
}
