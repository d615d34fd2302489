import { once } from "node:events";
import { connect } from "node:tls";
import { limitsSuite } from "./limits-suite.ts";
import { clusterSecrets } from "./upgraded.ts";

limitsSuite({
  authorization: () => "",
  async dial() {
    const socket = connect(await clusterSecrets());
    await once(socket, "secureConnect");
    return socket;
  },
});
