import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { ClientConfig } from "@podwire/client";
import { loadKubeconfig, parseKubeconfig } from "@podwire/kubeconfig";
import { sessionSuite } from "@podwire/tools-conformance/session-suite";

const image = process.env["PODWIRE_IMAGE"] ?? "local/busybox:1";

/** The cluster of $KUBECONFIG for a user with this token and nothing else. */
async function stranger(token: string): Promise<ClientConfig> {
  const original = process.env["KUBECONFIG"];
  if (!original) throw new Error("set KUBECONFIG to the kubeconfig of a cluster");
  const { currentContext = "", contexts } = parseKubeconfig(await readFile(original, "utf8"));
  const folder = await mkdtemp(join(tmpdir(), "podwire-"));
  try {
    const file = join(folder, "kubeconfig");
    const context = { cluster: contexts.get(currentContext)?.cluster, user: "stranger" };
    await writeFile(
      file,
      JSON.stringify({
        contexts: [{ name: "stranger", context }],
        users: [{ name: "stranger", user: { token } }],
        "current-context": "stranger",
      }),
    );
    return await loadKubeconfig({ env: { KUBECONFIG: [file, original].join(delimiter) } });
  } finally {
    await rm(folder, { recursive: true });
  }
}

const server = { config: () => loadKubeconfig(), stranger, image, terminals: true };

sessionSuite("a real Kubernetes over v5", {
  ...server,
  protocols: ["v5.channel.k8s.io", "v4.channel.k8s.io"],
});
sessionSuite("a real Kubernetes over v4", { ...server, protocols: ["v4.channel.k8s.io"] });
sessionSuite("a real Kubernetes over v4 in base64", { ...server, protocols: ["v4.base64.channel.k8s.io"] });
