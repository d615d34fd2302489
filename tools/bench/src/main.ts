import { benchColdExec } from "./cold-exec.ts";

// Ratios of one run on one machine: the times themselves compare with nothing.
console.log(`Node ${process.version} on ${process.platform} ${process.arch}`);
await benchColdExec(20);
