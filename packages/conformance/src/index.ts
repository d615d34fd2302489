export { createPods, type TestContainer, type TestPods } from "./pods.ts";
export type { Runner } from "./runner.ts";
export type { Audit, Need } from "./session/audit.ts";
export type { Bench, SessionTarget } from "./session/bench.ts";
export { type AuditResult, allSessionAudits, auditSessions } from "./session-audits.ts";
export { type SessionSuiteOptions, sessionSuite } from "./session-suite.ts";
