import { createServedKubectl } from "./kubectl.ts";
import { podPhasesSuite } from "./pod-phases-suite.ts";

podPhasesSuite(createServedKubectl);
