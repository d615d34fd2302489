import { vi } from "vitest";
import { createServedKubectl } from "./kubectl.ts";
import { podLifeSuite } from "./pod-life-kubectl-suite.ts";

vi.setConfig({ testTimeout: 300_000 });

podLifeSuite("devserver", createServedKubectl);
