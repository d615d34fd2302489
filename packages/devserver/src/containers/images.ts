import type { Start } from "./process.ts";
import { readyImages } from "./programs/programs.ts";
import { type ContainerProgram, startScripted } from "./scripted.ts";

/** What stands for an image: a process of this machine, or a function. */
export type Image = "process" | ContainerProgram;

/** Images whose programs this machine most likely has: a POSIX shell and its usual company. */
const shells: readonly string[] = ["busybox", "alpine", "debian", "ubuntu"];

/** Finds out how to start an image; undefined when it is none of ours. */
export type FindImage = (reference: string) => Start | undefined;

/**
 * Images by name: the whole reference first (`example.com/team/app:1`), then without its tag or digest, then without
 * the registry that is meant when there is none, then its last part (`app`).
 */
export function createImages(own: Readonly<Record<string, Image>>, startLocal: Start): FindImage {
  const local = process.platform === "win32" ? [] : shells;
  const images = new Map<string, Image>([
    ...local.map((name): [string, Image] => [name, "process"]),
    ...Object.entries(readyImages),
    ...Object.entries(own),
  ]);
  return (reference) => {
    const untagged = reference.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
    const name = untagged.slice(untagged.lastIndexOf("/") + 1);
    const names = [reference, untagged, untagged.replace(/^docker\.io\//, ""), name];
    const image = names.map((one) => images.get(one)).find((one) => one !== undefined);
    if (image === undefined) return undefined;
    return image === "process" ? startLocal : async (spec) => startScripted(image, spec);
  };
}
