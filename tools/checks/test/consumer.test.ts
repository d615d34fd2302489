import { mkdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { run } from "../src/command.ts";
import { faultsOfLoading } from "../src/consumer/loaded.ts";
import { danglingOf, faultsOfFile } from "../src/consumer/packed-files.ts";
import { writeScripts } from "../src/consumer/project.ts";
import { scriptOf } from "../src/consumer/script.ts";
import { demandFreshBuild } from "../src/consumer/tarballs.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../src/temporary-folder.ts";

// Programs are compiled and started.
vi.setConfig({ testTimeout: 120_000 });

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await createTemporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

/** Writes a file below the temporary folder. */
async function put(name: string, text: string): Promise<string> {
  const path = join(folder.path, name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, text);
  return path;
}

describe("a packed file", () => {
  const machine = ["/build/here", "/home/somebody/"];

  it("is sound without paths of the machine and versions of the workspace", () => {
    expect(faultsOfFile("package.json", '{"dependencies":{"ws":"^8.0.0"}}', machine)).toEqual([]);
    expect(faultsOfFile("dist/a.js.map", '{"sources":["../src/a.ts"]}', machine)).toEqual([]);
    expect(faultsOfFile("README.md", "write `workspace:` and /build/elsewhere", machine)).toEqual([]);
  });

  it.each([
    ["dist/a.js", 'require("/build/here/src/a.ts")'],
    ["dist/a.js", "// /home/somebody/a.ts"],
    ["dist/a.js.map", '{"sources":["file:///x/a.ts"]}'],
    ["dist/a.js.map", '{"sources":["/x/a.ts"]}'],
    ["package.json", '{"dependencies":{"ws":"catalog:"}}'],
    ["package.json", '{"dependencies":{"@podwire/codec":"workspace:^"}}'],
  ])("%s with %s is not", (file, text) => {
    expect(faultsOfFile(file, text, machine)).toHaveLength(1);
  });
});

describe("a map", () => {
  const script = "code();\n//# sourceMappingURL=a.js.map\n";
  const map = '{"sources":["../src/a.ts"]}';

  it("is packed, and so are its sources", () => {
    const files = ["dist/a.js", "dist/a.js.map", "src/a.ts"];
    expect(danglingOf("dist/a.js", script, files)).toEqual([]);
    expect(danglingOf("dist/a.js.map", map, files)).toEqual([]);
  });

  it("is missed where it is not", () => {
    expect(danglingOf("dist/a.js", script, ["dist/a.js"])).toEqual(["names a.js.map, which is not packed"]);
    expect(danglingOf("dist/a.js.map", map, ["src/b.ts"])).toEqual([
      "names ../src/a.ts, which is not packed",
    ]);
  });
});

describe("a build", () => {
  async function putBuild(sourceTime: number, builtTime: number): Promise<void> {
    await utimes(await put("src/index.ts", ""), sourceTime, sourceTime);
    await utimes(await put("dist/index.js", ""), builtTime, builtTime);
  }

  it("is fresh when it is younger than its sources", async () => {
    await putBuild(1_000, 2_000);
    await expect(demandFreshBuild(folder.path)).resolves.toBeUndefined();
  });

  it("is refused when it is older, or not there", async () => {
    await expect(demandFreshBuild(folder.path)).rejects.toThrow("is not built");
    await putBuild(2_000, 1_000);
    await expect(demandFreshBuild(folder.path)).rejects.toThrow("is not built");
  });
});

describe("an example", () => {
  const code =
    'import { sep } from "node:path";\n// why\nconst text: string = await Promise.resolve(sep);\nconsole.log(text);\n';

  it.each(["esm", "cjs"] as const)("runs as %s, and fails when it throws", async (format) => {
    const ending = format === "esm" ? "mjs" : "cjs";
    const good = await put(`good.${ending}`, await scriptOf(code, format));
    expect(await run(process.execPath, [good])).toMatchObject({ code: 0, stdout: "/\n" });
    const bad = await put(`bad.${ending}`, await scriptOf(`${code}throw new Error("no");`, format));
    expect(await run(process.execPath, [bad])).toMatchObject({ code: 1, stdout: "/\n" });
  });
});

describe("a process that opens a session", () => {
  const packages = ["@podwire/client", "@podwire/codec", "@podwire/transport", "ws"];
  const access = { server: "http://127.0.0.1", token: "token" };

  /** A script that loads these packages, one of them as CommonJS does. */
  async function loading(names: readonly string[]): Promise<string> {
    await writeScripts(folder.path);
    for (const name of names) await put(`node_modules/${name}/index.js`, "");
    const [first = "", ...others] = names;
    const lines = [
      'import { createRequire } from "node:module";',
      "const require = createRequire(import.meta.url);",
      `require("${first}");`,
      ...others.map((name) => `await import("./node_modules/${name}/index.js");`),
      "console.log(JSON.stringify(Object.keys(require.cache)));",
    ];
    await put("script.mjs", lines.join("\n"));
    return "script.mjs";
  }

  it("may load our packages and ws", async () => {
    expect(await faultsOfLoading(folder.path, await loading(packages), access)).toEqual([]);
  });

  it.each([
    { how: "import", names: [...packages, "yaml"] },
    { how: "require", names: ["yaml", ...packages] },
  ])("may load no other by $how", async ({ names }) => {
    expect(await faultsOfLoading(folder.path, await loading(names), access)).toEqual(["loads yaml"]);
  });

  it("is not believed when it loads less than it must", async () => {
    const script = await loading(packages.slice(0, 3));
    expect(await faultsOfLoading(folder.path, script, access)).toEqual(["was not seen loading ws"]);
  });
});
