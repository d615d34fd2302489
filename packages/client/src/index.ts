export type { Status, StatusCause, StatusDetails } from "@podwire/codec";
export { Api, type ApiOptions, type DeleteOptions, type ListOptions, type WatchOptions } from "./api.ts";
export {
  type ByteReader,
  type Client,
  type ClientConfig,
  createClient,
  type FetchLike,
  type FetchResponse,
} from "./client.ts";
export { ClientError, type ClientErrorCode, NotImplementedError } from "./errors.ts";
export type { CallOptions } from "./request.ts";
export {
  ConfigMap,
  Deployment,
  Job,
  Namespace,
  Pod,
  Secret,
  Service,
  ServiceAccount,
  StatefulSet,
} from "./resources/descriptors.ts";
export type {
  Creatable,
  HasAttach,
  HasExec,
  KubernetesObject,
  ResourceDescriptor,
  ResourceList,
  Stored,
  Subresource,
  SubresourceNotAvailable,
} from "./resources/resource.ts";
export type { Completeness, Exit, ExitFacts, ExitSource } from "./session/exit.ts";
export type { LivenessOptions } from "./session/liveness.ts";
export type { CollectOptions, Output } from "./session/output.ts";
export type { ChannelBytes } from "./session/output-channel.ts";
export type { StreamSession } from "./session/session.ts";
export type { Stdin } from "./session/stdin.ts";
export type { UntilMatch, UntilOptions } from "./session/until.ts";
export type { SmallOutput } from "./small/channel.ts";
export { attach, exec, type SmallAttachOptions, type SmallExecOptions } from "./small/open.ts";
export type { SmallSession } from "./small/session.ts";
export type { AttachApi, AttachOptions } from "./subresources/attach.ts";
export type { CapturedOutput, KeptPart } from "./subresources/capture.ts";
export type { ExecApi, ExecOptions, RunOptions } from "./subresources/exec.ts";
export type { RunResult } from "./subresources/run.ts";
export type { RunStdin } from "./subresources/run-stdin.ts";
export type { OpenAttempt, StreamOptions } from "./subresources/stream-options.ts";
export type { WatchEvent } from "./watch.ts";
