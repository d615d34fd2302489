import type { FindImage } from "../containers/images.ts";
import { type ContainerLife, createContainerLife } from "./container-life.ts";
import { type ContainerRole, roleOfInit } from "./container-role.ts";
import type { ContainerSpec, Pod } from "./pod.ts";
import { type ConfigStores, createPodConfig } from "./pod-config.ts";
import type { ContainerEvent } from "./pod-event.ts";
import type { PodContainerStatuses } from "./pod-status.ts";
import { createVolumes } from "./volumes.ts";

/** The containers of one Pod: the init containers one after the other, then the rest, until all have ended. */
export interface PodLife {
  readonly statuses: PodContainerStatuses;
  /** Its volumes are there, so that containers can begin. */
  readonly prepared: boolean;
  /** By name, whatever its role. */
  find(container: string): ContainerLife | undefined;
  readonly all: readonly ContainerLife[];
  run(): void;
  /** Runs the ephemeral containers that it has not run yet. */
  debug(containers: readonly ContainerSpec[]): void;
  stop(graceMs: number): Promise<void>;
}

export interface PodLifeOptions {
  readonly pod: Pod;
  readonly findImage: FindImage;
  readonly configs: ConfigStores;
  /** The Pod's folder. */
  readonly folder: string;
  /** Its status, or that of a container, has changed. */
  readonly changed: () => void;
  /** Something has happened to a container. */
  readonly tell: (container: string, event: ContainerEvent) => void;
}

export function createPodLife(options: PodLifeOptions): PodLife {
  const { pod, findImage, configs, folder, changed } = options;
  const config = createPodConfig(configs, pod.metadata.namespace);
  const resources = { folder, config, volumes: createVolumes(pod, config, folder, changed) };
  const lifeOf = (spec: ContainerSpec, role: ContainerRole): ContainerLife =>
    createContainerLife({
      pod,
      spec,
      role,
      findImage,
      resources,
      changed,
      tell: (event) => options.tell(spec.name, event),
    });
  const { spec } = pod;
  const initial = (spec.initContainers ?? []).map((one) => lifeOf(one, roleOfInit(one)));
  const main = spec.containers.map((one) => lifeOf(one, "container"));
  const ephemeral: ContainerLife[] = [];
  const sidecars = initial.filter(({ role }) => role === "sidecar");
  const others = initial.filter(({ role }) => role !== "sidecar");
  let stopping = false;

  /** Those that began last end first. */
  const stopSidecars = async (graceMs: number): Promise<void> => {
    const deadline = performance.now() + graceMs;
    for (const life of [...sidecars].reverse()) await life.stop(Math.max(deadline - performance.now(), 0));
  };
  /** Answers whether the next one may begin. */
  const initialize = async (life: ContainerLife): Promise<boolean> => {
    const done = life.run().then(() => life.status.ready);
    return life.role === "sidecar" ? Promise.race([life.started, done]) : done;
  };
  /** One after the other, until each has done what it does first. */
  const runMain = async (): Promise<void> => {
    const runs: Promise<void>[] = [];
    for (const life of main) {
      const run = life.run();
      runs.push(run);
      await Promise.race([life.tried, run]);
    }
    await Promise.all(runs);
  };
  const live = async (): Promise<void> => {
    let last: readonly ContainerLife[] = main;
    for (const life of initial) {
      if (await initialize(life)) continue;
      last = [life];
      break;
    }
    if (last === main) await runMain();
    // One whose image is not there has not ended.
    const ended = last.every(({ status }) => status.state.terminated);
    if (ended && !stopping) await stopSidecars(spec.terminationGracePeriodSeconds * 1_000);
  };
  const statusesOf = (lives: readonly ContainerLife[]) => lives.map(({ status }) => status);

  return {
    get statuses() {
      return {
        ...(initial.length > 0 && { initContainerStatuses: statusesOf(initial) }),
        containerStatuses: statusesOf(main),
        ...(ephemeral.length > 0 && { ephemeralContainerStatuses: statusesOf(ephemeral) }),
      };
    },
    get prepared() {
      return resources.volumes.prepared;
    },
    get all() {
      return [...initial, ...main, ...ephemeral];
    },
    find(container) {
      return [...initial, ...main, ...ephemeral].find(({ status }) => status.name === container);
    },
    run: () => void live(),
    debug(containers) {
      for (const one of containers) {
        if (stopping || ephemeral.some(({ status }) => status.name === one.name)) continue;
        const life = lifeOf(one, "ephemeral");
        ephemeral.push(life);
        void life.run();
      }
    },
    async stop(graceMs) {
      stopping = true;
      const deadline = performance.now() + graceMs;
      await Promise.all([...others, ...main, ...ephemeral].map((life) => life.stop(graceMs)));
      await stopSidecars(Math.max(deadline - performance.now(), 0));
    },
  };
}
