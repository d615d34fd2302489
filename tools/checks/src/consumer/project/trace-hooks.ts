import { appendFileSync } from "node:fs";
import type { LoadHook } from "node:module";

/** Writes down every module that `import` loads, and what it loads in turn. */
export const load: LoadHook = (url, context, next) => {
  appendFileSync("trace.txt", `${url}\n`);
  return next(url, context);
};
