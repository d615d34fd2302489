/** Something that happened to a Pod, as `kubectl describe` shows it. */
export interface PodEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  readonly component: "default-scheduler" | "kubelet";
  /** The container that it is about, as a field: `spec.containers{main}`. */
  readonly container?: string;
}

/** Something that happened to a container, and that its status does not tell. */
export type ContainerEvent = Pick<PodEvent, "type" | "reason" | "message">;
