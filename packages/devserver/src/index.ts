export type { Image } from "./containers/images.ts";
export type { ContainerContext, ContainerOutput, ContainerProgram } from "./containers/scripted.ts";
export { DevServerError, type DevServerErrorCode } from "./errors.ts";
export type { CutBy, DenyRule, Fault, RequestFault, SessionFault } from "./faults/fault.ts";
export type { FaultHandle, Faults } from "./faults/faults.ts";
export type { RequestMatch, SessionMatch } from "./faults/match.ts";
export type { Personality } from "./personality.ts";
export type { RequestInfo, Verb } from "./request-info.ts";
export { createDevServer, type DevServer, type DevServerConfig, type DevServerOptions } from "./server.ts";
