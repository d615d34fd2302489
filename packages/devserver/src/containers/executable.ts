import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import { StartError } from "./process.ts";

/** Finds the program to run, as a runtime does; rejects in the words of runc. */
export async function findExecutable(name: string, path: string, folder: string): Promise<string> {
  if (name.includes("/")) {
    const file = resolve(folder, name);
    const fault = await faultOf(file);
    if (fault === undefined) return file;
    throw notStarted(
      `exec: ${JSON.stringify(name)}: ${fault === "missing" ? `stat ${name}: no such file or directory` : "permission denied"}`,
    );
  }
  for (const place of path.split(delimiter)) {
    const file = join(place, name);
    if (name !== "" && (await faultOf(file)) === undefined) return file;
  }
  throw notStarted(`exec: ${JSON.stringify(name)}: executable file not found in $PATH`);
}

export function notStarted(why: string): StartError {
  return new StartError(
    `OCI runtime exec failed: exec failed: unable to start container process: ${why}: unknown`,
  );
}

async function faultOf(file: string): Promise<"missing" | "denied" | undefined> {
  try {
    if (!(await stat(file)).isFile()) return "denied";
  } catch {
    return "missing";
  }
  return access(file, constants.X_OK).then(
    () => undefined,
    () => "denied",
  );
}
