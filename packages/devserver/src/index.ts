export type { Image } from "./containers/images.ts";
export type { ContainerContext, ContainerOutput, ContainerProgram } from "./containers/scripted.ts";
export { DevServerError, type DevServerErrorCode } from "./errors.ts";
export { createDevServer, type DevServer, type DevServerConfig, type DevServerOptions } from "./server.ts";
