import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { demand } from "../command.ts";
import type { ServerAccess } from "../kubeconfig-file.ts";
import { packageOf } from "../purity.ts";

const expected = ["@podwire/client", "@podwire/codec", "@podwire/transport", "ws"];

/** Opens one session in a process and says which packages it has loaded besides those it may and must. */
export async function faultsOfLoading(
  project: string,
  script: string,
  { server, token }: ServerAccess,
): Promise<readonly string[]> {
  const trace = join(project, "trace.txt");
  await rm(trace, { force: true });
  const printed = await demand(process.execPath, ["--import", "./trace.mjs", script], {
    cwd: project,
    env: { ...process.env, server, token },
  });
  const required: readonly string[] = JSON.parse(printed);
  const urls = (await readFile(trace, "utf8")).split("\n").filter((url) => url.startsWith("file:"));
  const imported = urls.map((url) => fileURLToPath(url));
  const own = ["trace.mjs", script].map((name) => join(project, name));
  const packages = new Set(
    [...required, ...imported].filter((file) => !own.includes(file)).map((file) => packageOf(file)),
  );
  return [
    ...[...packages].filter((name) => !expected.includes(name)).map((name) => `loads ${name}`),
    ...expected.filter((name) => !packages.has(name)).map((name) => `was not seen loading ${name}`),
  ];
}
