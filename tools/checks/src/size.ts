import { fileURLToPath } from "node:url";
import { budgets } from "./budgets.ts";
import { bundle } from "./bundle.ts";

const here = fileURLToPath(new URL("..", import.meta.url));
let failed = false;
console.log("| for a page, minified and gzipped | bytes | budget |\n|---|---:|---:|");
for (const { name, code, limitBytes } of budgets) {
  const { bytes, impurities } = await bundle(code, here);
  console.log(`| ${name} | ${bytes} | ${limitBytes} |`);
  const faults = [...impurities];
  if (bytes > limitBytes) faults.push(`is ${bytes - limitBytes} bytes over its budget`);
  for (const fault of faults) console.error(`FAIL: ${name} ${fault}`);
  failed ||= faults.length > 0;
}
if (failed) process.exitCode = 1;
