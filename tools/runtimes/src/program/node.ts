import { Api, createClient, Pod } from "@podwire/client";
import { loadKubeconfig } from "@podwire/kubeconfig";
import { nodeDial } from "@podwire/transport/node";
import { explore } from "./explore.ts";

// For what has the modules of Node: prints its report.
const report = await explore(JSON.parse(process.env["PODWIRE_ACCESS"] ?? ""), {
  dialTrusting: (ca) => (url, accept, options) => nodeDial(url, accept, { ...options, ca }),
  async listByKubeconfig(path) {
    const client = createClient(await loadKubeconfig({ path }));
    await new Api(Pod, { client }).list();
    await client.close();
  },
});
console.log(JSON.stringify(report));
