/** Writes the client's Kubernetes types anew: `pnpm types`. */
import { writeFileSync } from "node:fs";
import { kubernetesTypes, target } from "./kubernetes.ts";

writeFileSync(target, await kubernetesTypes());
