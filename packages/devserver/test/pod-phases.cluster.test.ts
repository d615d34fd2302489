import { createClusterKubectl } from "./kubectl.ts";
import { podPhasesSuite } from "./pod-phases-suite.ts";

// What devserver is held to, asked of a real cluster.
podPhasesSuite(createClusterKubectl);
