import { basename, join } from "node:path";
import { budgets } from "./budgets.ts";
import { faultsOfConformance } from "./consumer/conformance.ts";
import { faultsOfExample } from "./consumer/example.ts";
import { faultsOfLoading } from "./consumer/loaded.ts";
import { faultsOfPackedFiles } from "./consumer/packed-files.ts";
import { faultsOfPages } from "./consumer/pages.ts";
import { createProject, installedBytesOf, writeScripts } from "./consumer/project.ts";
import { startServing } from "./consumer/serving.ts";
import { packAll } from "./consumer/tarballs.ts";
import { faultsOfTypes } from "./consumer/types.ts";
import { writeKubeconfig } from "./kubeconfig-file.ts";
import { minifiedBytes } from "./minified.ts";
import { pageEntriesOf } from "./page-entries.ts";
import { impuritiesOf } from "./purity.ts";
import { repository } from "./repository.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

// What a user gets: the packed packages, installed with npm in an empty project outside the repository.

const installedLimitBytes = 4 * 1024 * 1024;
const faults: string[] = [];

async function check(title: string, faultsOf: () => Promise<readonly string[]>): Promise<void> {
  const begun = performance.now();
  const found = await faultsOf();
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
  console.log(`${found.length === 0 ? "ok  " : "FAIL"} ${title} (${seconds} s)`);
  for (const fault of found) console.error(`     ${fault}`);
  faults.push(...found);
}

await using folder = await createTemporaryFolder();
const tarballs = await packAll(repository, folder.path);
const project = join(folder.path, "project");
// What a terminal in a page needs besides.
await createProject(project, [...tarballs, "@xterm/xterm@6"]);
await writeScripts(project);

await check("the packed files", () => faultsOfPackedFiles(project, repository));
await check("the types, without any others", () => faultsOfTypes(project, repository));
await check("what is built for pages", async () => {
  const found = pageEntriesOf(repository).map(async (entry) =>
    (await impuritiesOf(entry, project, "built")).map((impurity) => `${entry.name} ${impurity}`),
  );
  return (await Promise.all(found)).flat();
});
await check("what is built costs a page no more than budgeted", async () => {
  const found = budgets.map(async ({ name, code, limitBytes }) => {
    const bytes = await minifiedBytes(code, project, "built");
    return bytes > limitBytes ? [`${name} is ${bytes - limitBytes} bytes over its budget`] : [];
  });
  return (await Promise.all(found)).flat();
});
await check("a page, by every bundler, in Chromium", () => faultsOfPages(project));
{
  await using serving = await startServing(project);
  const kubeconfig = join(folder.path, "kubeconfig");
  await writeKubeconfig(kubeconfig, serving.access);
  for (const script of ["open-session.mjs", "open-session.cjs"]) {
    await check(`what ${script} loads`, () => faultsOfLoading(project, script, serving.access));
  }
  await check("the README's example", () => faultsOfExample(project, repository, kubeconfig));
}
await check("the suites over the installed devserver", () => faultsOfConformance(project, repository));
await check("the installed size of client and kubeconfig", async () => {
  const names = ["codec", "transport", "client", "kubeconfig"];
  const small = join(folder.path, "small");
  await createProject(
    small,
    tarballs.filter((path) => names.some((name) => basename(path).startsWith(`podwire-${name}-`))),
  );
  const bytes = await installedBytesOf(small);
  console.log(`     ${(bytes / 1024 / 1024).toFixed(2)} MB with dependencies`);
  return bytes > installedLimitBytes ? [`is ${bytes - installedLimitBytes} bytes over its limit`] : [];
});

if (faults.length > 0) process.exitCode = 1;
