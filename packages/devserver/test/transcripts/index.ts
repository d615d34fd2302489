import { type Line, transcript } from "../kubectl-transcript.ts";
import { debugTranscript } from "./debug.ts";
import { initTranscript } from "./init-containers.ts";
import { logsTranscript } from "./logs.ts";
import { ownersTranscript } from "./owners.ts";
import { probesTranscript } from "./probes.ts";
import { readinessGatesTranscript } from "./readiness-gates.ts";
import { shownTranscript } from "./shown.ts";

/** What kubectl says of objects, by subject. */
export const objectTranscripts: readonly (readonly [string, readonly Line[]])[] = [
  ["objects of each kind", transcript],
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
