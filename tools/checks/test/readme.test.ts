import { join } from "node:path";
import { Api, createClient, Pod } from "@podwire/client";
import { createDevServer, type DevServer } from "@podwire/devserver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keepsPromise, outputPromisedBy } from "../src/code-blocks.ts";
import { writeKubeconfig } from "../src/kubeconfig-file.ts";
import { type BlockProject, createBlockProject, type ReadmeBlock, readmeBlocksOf } from "../src/readmes.ts";
import { repository } from "../src/repository.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../src/temporary-folder.ts";

const blocks = await readmeBlocksOf(repository);
let folder: TemporaryFolder;
let project: BlockProject;
let complaints: ReadonlyMap<ReadmeBlock, string>;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  project = await createBlockProject(repository, blocks, folder);
  complaints = await project.typecheck();
}, 60_000);
afterAll(() => folder[Symbol.asyncDispose]());

const named = blocks.map((block) => ({ title: `${block.file}, line ${block.line}`, block }));

describe("the code blocks of the READMEs", () => {
  test.each(named)("$title compiles", ({ block }) => {
    expect(complaints.get(block) ?? "").toBe("");
  });

  const running = named.filter(({ block }) => block.runs);
  test.each(running)("$title runs", { timeout: 60_000 }, async ({ block }) => {
    await using server = await createDevServer();
    await createExamplePod(server);
    const kubeconfig = join(folder.path, `kubeconfig-${blocks.indexOf(block)}`);
    await writeKubeconfig(kubeconfig, server.config);
    const { code, stdout, output } = await project.run(block, { KUBECONFIG: kubeconfig });
    expect(code, output).toBe(0);
    const promised = outputPromisedBy(block.code);
    expect(
      keepsPromise(promised, stdout),
      `${promised.join("\n")}\n--- was promised, and this came:\n${output}`,
    ).toBe(true);
  });
});

/** The Pod that the READMEs' examples find: `web-0`. */
async function createExamplePod({ config }: DevServer): Promise<void> {
  const pods = new Api(Pod, { client: createClient(config) });
  await pods.create({
    metadata: { name: "web-0" },
    spec: { containers: [{ name: "main", image: "busybox:1.36", command: ["sleep", "3600"] }] },
  });
}

describe("the check of the blocks", () => {
  const sound: ReadmeBlock = {
    file: "README.md",
    line: 1,
    code: 'import { Channel } from "@podwire/codec";\nconst stdin: number = Channel.Stdin;\nconsole.log(stdin); // 0\n',
    runs: true,
  };
  const wrong: ReadmeBlock = { ...sound, line: 9, code: sound.code.replace("number", "string") };
  const failing: ReadmeBlock = { ...sound, line: 19, code: `${sound.code}throw new Error("no");\n` };

  test("finds a block that does not compile, and one that fails", { timeout: 60_000 }, async () => {
    await using another = await createTemporaryFolder();
    const { typecheck, run } = await createBlockProject(repository, [sound, wrong, failing], another);
    const found = await typecheck();
    expect([...found.keys()]).toEqual([wrong]);
    expect(found.get(wrong)).toMatch(/line-9\.ts\(2,7\): error TS2322/);

    const good = await run(sound, {});
    expect([good.code, good.stdout], good.output).toEqual([0, "0\n"]);
    expect((await run(failing, {})).code).toBe(1);
  });
});
