import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle, type Resolution } from "./bundle.ts";

/** What a page loads to have an export of a module as a global of that name, for whoever drives it from outside. */
export async function pageScriptOf(module: URL, name: string, resolution?: Resolution): Promise<string> {
  const file = fileURLToPath(module);
  const code = `import { ${name} } from ${JSON.stringify(file)}; Object.assign(globalThis, { ${name} });`;
  const { script } = await bundle(code, dirname(file), resolution);
  return script;
}
