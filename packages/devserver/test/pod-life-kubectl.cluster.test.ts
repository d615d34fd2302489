import { vi } from "vitest";
import { createClusterKubectl } from "./kubectl.ts";
import { podLifeSuite } from "./pod-life-kubectl-suite.ts";

// All transcripts are played beside each other.
vi.setConfig({ testTimeout: 300_000 });

podLifeSuite("cluster", createClusterKubectl);
