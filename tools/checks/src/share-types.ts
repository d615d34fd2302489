import { readFile, writeFile } from "node:fs/promises";

// Run in a package that has been built: a second copy of its types would be most of its size, and a second identity.
const [own, shared] = await Promise.all(
  ["dist/index.d.ts", "dist/index.d.cts"].map((path) => readFile(path, "utf8")),
);
if (own !== shared) throw new Error("the types of the two formats differ, so one cannot stand for both");
await writeFile("dist/index.d.ts", 'export * from "./index.cjs";\n');
