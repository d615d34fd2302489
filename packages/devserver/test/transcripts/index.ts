import type { Line } from "../kubectl-transcript.ts";
import { debugTranscript } from "./debug.ts";
import { discoveryTranscript } from "./discovery.ts";
import { initTranscript } from "./init-containers.ts";
import { logsTranscript } from "./logs.ts";
import { objectsTranscript } from "./objects.ts";
import { ownersTranscript } from "./owners.ts";
import { probesTranscript } from "./probes.ts";
import { readinessGatesTranscript } from "./readiness-gates.ts";
import { shownTranscript } from "./shown.ts";

/** What kubectl says of objects, by subject. */
export const objectTranscripts: readonly (readonly [string, readonly Line[]])[] = [
  ["itself", discoveryTranscript],
  ["objects of each kind", objectsTranscript],
  ["owners of fields, and finalizers", ownersTranscript],
  ["whole objects", shownTranscript],
];

/** What kubectl says of what becomes of Pods, by subject. */
export const podTranscripts: readonly (readonly [string, readonly Line[]])[] = [
  ["logs", logsTranscript],
  ["init containers", initTranscript],
  ["debugging", debugTranscript],
  ["probes and hooks", probesTranscript],
  ["readiness gates", readinessGatesTranscript],
];
