import { loadKubeconfig } from "@podwire/kubeconfig";
import { smallSuite } from "./small-suite.ts";

smallSuite("attach and exec in few bytes", loadKubeconfig, process.env["PODWIRE_IMAGE"] ?? "local/busybox:1");
