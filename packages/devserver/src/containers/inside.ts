import { mkdir, realpath } from "node:fs/promises";
import { join, sep } from "node:path";

/** A path led out of the folder in which it has to stay. */
export class OutsideError extends Error {
  override readonly name = "OutsideError";
}

/**
 * Makes a folder inside another one, and what is missing on the way; answers with its real path. Wherever links lead
 * on the way: nothing is made outside `base`, and what is outside is an OutsideError.
 */
export async function makeFolderInside(base: string, path: string): Promise<string> {
  const root = await realpath(base);
  let at = root;
  for (const part of join("/", path).split("/")) {
    if (part === "") continue;
    const next = join(at, part);
    await mkdir(next).catch((error: unknown) => {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    });
    at = await realpath(next);
    if (at !== root && !at.startsWith(root + sep)) {
      throw new OutsideError(`${JSON.stringify(path)} leads out of ${JSON.stringify(base)}`);
    }
  }
  return at;
}
