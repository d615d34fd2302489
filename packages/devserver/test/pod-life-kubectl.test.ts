import { vi } from "vitest";
import { createServedKubectl } from "./kubectl.ts";
import { podLifeSuite } from "./pod-life-kubectl-suite.ts";

vi.setConfig({ testTimeout: 120_000 });

podLifeSuite(createServedKubectl);
