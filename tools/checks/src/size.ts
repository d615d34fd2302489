import { budgets } from "./budgets.ts";
import { bundle } from "./bundle.ts";
import { minifiedBytes } from "./minified.ts";
import { pageEntriesOf } from "./page-entries.ts";
import { impuritiesOf } from "./purity.ts";
import { repository } from "./repository.ts";

const folder = `${repository}/tools/checks`;
const faults: string[] = [];

console.log("| for a page, minified and gzipped | bytes | budget | by esbuild |\n|---|---:|---:|---:|");
for (const { name, code, limitBytes } of budgets) {
  const bytes = await minifiedBytes(code, folder);
  console.log(`| ${name} | ${bytes} | ${limitBytes} | ${(await bundle(code, folder)).bytes} |`);
  if (bytes > limitBytes) faults.push(`${name} is ${bytes - limitBytes} bytes over its budget`);
}

console.log("\n| entry for a page | |\n|---|---|");
for (const entry of pageEntriesOf(repository)) {
  const impurities = await impuritiesOf(entry, folder);
  console.log(`| ${entry.name} | ${impurities.length === 0 ? "pure" : "impure"} |`);
  faults.push(...impurities.map((impurity) => `${entry.name} ${impurity}`));
}

for (const fault of faults) console.error(`FAIL: ${fault}`);
if (faults.length > 0) process.exitCode = 1;
