import { createClusterKubectl } from "./kubectl.ts";
import { podLifeSuite } from "./pod-life-kubectl-suite.ts";

podLifeSuite(createClusterKubectl);
