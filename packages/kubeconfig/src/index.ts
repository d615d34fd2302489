export { KubeconfigError, type KubeconfigErrorCode } from "./errors.ts";
export type { Cluster, Context, Impersonation, Kubeconfig, Pem, User } from "./kubeconfig.ts";
export { type LoadOptions, loadKubeconfig } from "./load.ts";
export { mergeKubeconfigs } from "./merge.ts";
export { type ParseOptions, parseKubeconfig } from "./parse.ts";
export { type ResolvedContext, resolveContext } from "./resolve.ts";
export type { Secret } from "./secret.ts";
