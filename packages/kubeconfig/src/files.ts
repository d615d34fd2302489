import { readFile } from "node:fs/promises";
import { KubeconfigError } from "./errors.ts";

/** The text of a file; `what` says in the error whose file it is. */
export async function readText(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = codeOf(cause);
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new KubeconfigError("FILE_NOT_FOUND", `${what} ${path} does not exist`, { cause });
    }
    throw new KubeconfigError("FILE_UNREADABLE", `${what} ${path} cannot be read (${code})`, { cause });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
