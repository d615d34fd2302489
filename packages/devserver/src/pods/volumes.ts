import { mkdir, realpath, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeFolderInside } from "../containers/inside.ts";
import type { ContainerSpec, KeyToPath, Pod, Volume } from "./pod.ts";
import { ConfigError, MountError, type PodConfig } from "./pod-config.ts";

/** The volumes of one Pod: folders beside those of its containers, which go with the Pod. */
export interface Volumes {
  /** Whether all are there. */
  readonly prepared: boolean;
  /** Makes those that are not there yet; rejects with a MountError while it cannot. */
  prepare(): Promise<void>;
  /** Links them into a container's folder, where nothing else is yet. Rejects with a ConfigError. */
  mount(spec: ContainerSpec, root: string): Promise<void>;
}

export function createVolumes(
  { spec: { volumes = [] } }: Pod,
  config: PodConfig,
  folder: string,
  changed: () => void,
): Volumes {
  const made = new Set<string>();
  let prepared = false;
  const folderOf = (volume: string): string => join(folder, "volumes", volume);
  return {
    get prepared() {
      return prepared;
    },
    async prepare() {
      for (const volume of volumes) {
        if (made.has(volume.name)) continue;
        const files = filesOf(volume, config);
        for (const { path, bytes, mode } of files) {
          const parent = await makeFolderInside(await makeFolder(folderOf(volume.name)), dirname(path));
          await writeFile(join(parent, basename(path)), bytes, { mode });
        }
        await makeFolder(folderOf(volume.name));
        made.add(volume.name);
      }
      if (prepared) return;
      prepared = true;
      changed();
    },
    async mount({ name, volumeMounts = [] }, root) {
      for (const { name: volume, mountPath, subPath = "" } of volumeMounts) {
        const parent = await makeFolderInside(root, dirname(join("/", mountPath)));
        const source = await sourceOf(folderOf(volume), subPath).catch((cause: unknown) => {
          const message = `failed to prepare subPath for volumeMount ${JSON.stringify(volume)} of container ${JSON.stringify(name)}`;
          throw new ConfigError(message, { cause });
        });
        await symlink(source, join(parent, basename(mountPath)));
      }
    },
  };
}

async function makeFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  return folder;
}

/** What of a volume is mounted: a folder, which is made, or a file that is there. */
async function sourceOf(volume: string, subPath: string): Promise<string> {
  const parent = await makeFolderInside(volume, dirname(join("/", subPath)));
  const file = join(parent, basename(subPath));
  // A file of a config map; a link would lead elsewhere.
  if (subPath !== "" && (await realpath(file).catch(() => undefined)) === file) return file;
  return makeFolderInside(volume, subPath);
}

interface VolumeFile {
  readonly path: string;
  readonly bytes: Buffer;
  readonly mode: number;
}

/** What is in a volume from the beginning. */
function filesOf({ name, configMap, secret }: Volume, config: PodConfig): VolumeFile[] {
  const source = configMap ?? secret;
  if (!source) return [];
  const { items, optional = false, defaultMode = 0o644 } = source;
  const object = configMap ? configMap.name : (secret?.secretName ?? "");
  try {
    const values = config.values(configMap ? "configmaps" : "secrets", object, optional) ?? new Map();
    const all = items ?? [...values.keys()].map((key): KeyToPath => ({ key, path: key }));
    return all.flatMap(({ key, path, mode = defaultMode }) => {
      const bytes = values.get(key);
      if (bytes) return [{ path, bytes, mode }];
      if (optional) return [];
      throw new ConfigError(`references non-existent config key: ${key}`);
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const message = `MountVolume.SetUp failed for volume ${JSON.stringify(name)} : ${error.message}`;
    throw new MountError(message, { cause: error });
  }
}
