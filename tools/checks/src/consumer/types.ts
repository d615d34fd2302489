import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../command.ts";

const uses = `
export const frame: Uint8Array = codec.encodeFrame(codec.Channel.Stdin, new Uint8Array(1));
export const pods = new client.Api(client.Pod, { client: client.createClient({ server: "https://127.0.0.1:6443" }) });
export const run = (name: string): Promise<number | undefined> =>
  pods.exec.run(name, { command: ["true"] }).then(({ exitCode }) => exitCode);
// @ts-expect-error a wrong option must not compile: the types are there
export const wrong = client.createClient({ serverr: "" });
`;

const modes = [
  { module: "nodenext", moduleResolution: "nodenext" },
  { module: "node16", moduleResolution: "node16" },
  { module: "esnext", moduleResolution: "bundler" },
] as const;

/** Type-checks uses of every entry without any other types, and all declarations with them. */
export async function faultsOfTypes(project: string, repository: string): Promise<readonly string[]> {
  const source = `${(await importsOfAll(project)).join("\n")}\n${uses}`;
  await Promise.all(["mts", "cts"].map((ending) => writeFile(join(project, `consumer.${ending}`), source)));
  const faults: string[] = [];
  for (const { module, moduleResolution } of modes) {
    // A bundler's mode has no CommonJS of its own.
    const files = moduleResolution === "bundler" ? ["consumer.mts"] : ["consumer.mts", "consumer.cts"];
    const compilerOptions = {
      module,
      moduleResolution,
      target: "es2022",
      lib: ["ES2022", "DOM", "DOM.AsyncIterable", "ESNext.Disposable"],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      types: [],
      skipLibCheck: false,
    };
    await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
    for (const compiler of ["typescript", "typescript7"]) {
      const tsc = join(repository, "node_modules", compiler, "bin", "tsc");
      const { code, output } = await run(process.execPath, [tsc, "-p", ".", "--pretty", "false"], {
        cwd: project,
      });
      if (code !== 0) faults.push(`${moduleResolution}, ${compiler}: ${output.trim()}`);
    }
  }
  return faults;
}

async function importsOfAll(project: string): Promise<readonly string[]> {
  const scope = join(project, "node_modules", "@podwire");
  const imports: string[] = [];
  for (const name of await readdir(scope)) {
    const { exports }: { exports: Record<string, unknown> } = JSON.parse(
      await readFile(join(scope, name, "package.json"), "utf8"),
    );
    const paths = Object.keys(exports).filter((path) => path !== "./package.json");
    for (const path of paths) {
      const alias = [name, ...path.split("/").slice(1)].join("_");
      imports.push(`import * as ${alias} from "@podwire/${name}${path.slice(1)}";`, `export { ${alias} };`);
    }
  }
  return imports;
}
