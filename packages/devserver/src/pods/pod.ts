import type { ObjectMeta } from "../rest/object.ts";
import type { Lifecycle, Probe } from "./action.ts";

/** A container as the client described it; what devserver does not use is kept as it came. */
export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvVar[];
  readonly envFrom?: readonly EnvFromSource[];
  readonly volumeMounts?: readonly VolumeMount[];
  readonly ports?: readonly ContainerPort[];
  readonly workingDir?: string;
  readonly stdin?: boolean;
  readonly stdinOnce?: boolean;
  readonly tty?: boolean;
  /** Of an init container alone: Always makes it a sidecar. */
  readonly restartPolicy?: string;
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly lifecycle?: Lifecycle;
  readonly resources?: Readonly<Record<string, unknown>>;
  readonly terminationMessagePath?: string;
  readonly terminationMessagePolicy?: string;
}

/** What is said of a port; its name is for probes and hooks. */
export interface ContainerPort {
  readonly name?: string;
  readonly containerPort?: number;
  readonly protocol?: string;
}

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: EnvVarSource;
}

/** One of them is there. */
export interface EnvVarSource {
  readonly fieldRef?: { readonly apiVersion?: string; readonly fieldPath: string };
  readonly configMapKeyRef?: KeySelector;
  readonly secretKeyRef?: KeySelector;
}

interface KeySelector {
  readonly name: string;
  readonly key: string;
  readonly optional?: boolean;
}

/** One of both references is there. */
export interface EnvFromSource {
  readonly prefix?: string;
  readonly configMapRef?: { readonly name: string; readonly optional?: boolean };
  readonly secretRef?: { readonly name: string; readonly optional?: boolean };
}

export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string;
}

/** Of its sources one is there. */
export interface Volume {
  readonly name: string;
  readonly emptyDir?: object;
  readonly configMap?: VolumeFiles & { readonly name: string };
  readonly secret?: VolumeFiles & { readonly secretName: string };
}

interface VolumeFiles {
  readonly items?: readonly KeyToPath[];
  readonly optional?: boolean;
  readonly defaultMode?: number;
}

export interface KeyToPath {
  readonly key: string;
  readonly path: string;
  readonly mode?: number;
}

/** Waiting, running or terminated: exactly one of them is there. */
export interface ContainerState {
  readonly waiting?: { readonly reason: string; readonly message?: string };
  readonly running?: { readonly startedAt: string };
  readonly terminated?: Terminated;
}

export interface Terminated {
  readonly exitCode: number;
  readonly signal?: number;
  readonly reason: string;
  readonly message?: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly containerID: string;
}

export interface ContainerStatus {
  readonly name: string;
  readonly image: string;
  readonly imageID: string;
  readonly state: ContainerState;
  readonly lastState: ContainerState;
  readonly ready: boolean;
  /** Not of an ephemeral container. */
  readonly started?: boolean;
  readonly restartCount: number;
  readonly containerID?: string;
  /** What limits it: nothing does here. */
  readonly resources?: object;
  readonly user?: ContainerUser;
}

/** Who runs its first process. */
export interface ContainerUser {
  readonly linux: {
    readonly uid: number;
    readonly gid: number;
    readonly supplementalGroups: readonly number[];
  };
}

export interface PodCondition {
  readonly type: string;
  /** Of a condition that somebody else has set: anything, `Unknown` among them. */
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  /** As a kubelet writes it, which never sets it. */
  readonly lastProbeTime?: null;
  readonly lastTransitionTime?: string;
  /** Of the Pod, when it was so. */
  readonly observedGeneration?: number;
}

export interface PodSpec {
  /** Absent rather than empty, and so are the ephemeral ones. */
  readonly initContainers?: readonly ContainerSpec[];
  readonly containers: readonly ContainerSpec[];
  readonly ephemeralContainers?: readonly ContainerSpec[];
  readonly volumes?: readonly Volume[];
  readonly restartPolicy: RestartPolicy;
  readonly terminationGracePeriodSeconds: number;
  readonly readinessGates?: readonly { readonly conditionType: string }[];
  readonly nodeName?: string;
  readonly securityContext?: object;
  readonly dnsPolicy?: string;
  readonly enableServiceLinks?: boolean;
  readonly preemptionPolicy?: string;
  readonly priority?: number;
  readonly schedulerName?: string;
  readonly tolerations?: readonly object[];
}

export type RestartPolicy = "Always" | "OnFailure" | "Never";

export interface PodStatus {
  readonly phase: "Pending" | "Running" | "Succeeded" | "Failed";
  /** Absent until somebody has said something of it. */
  readonly conditions?: readonly PodCondition[];
  readonly initContainerStatuses?: readonly ContainerStatus[];
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly ephemeralContainerStatuses?: readonly ContainerStatus[];
  readonly startTime?: string;
  readonly hostIP?: string;
  readonly hostIPs?: readonly { readonly ip: string }[];
  readonly podIP?: string;
  readonly podIPs?: readonly { readonly ip: string }[];
  readonly qosClass?: string;
  /** What limits all of its containers together: nothing does here. */
  readonly resources?: object;
  /** Of the Pod that it is the status of. */
  readonly observedGeneration?: number;
}

/** A stored Pod. Never changed in place: each change is a new object with a higher resourceVersion. */
export interface Pod {
  readonly kind: "Pod";
  readonly apiVersion: "v1";
  readonly metadata: ObjectMeta & { readonly namespace: string; readonly generation: number };
  readonly spec: PodSpec;
  readonly status: PodStatus;
}

/** Kubernetes' time stamps: UTC, whole seconds. */
export function timestamp(date: Date = new Date()): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
