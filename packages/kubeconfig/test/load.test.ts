import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { ClientConfig } from "@podwire/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LoadOptions, loadKubeconfig } from "../src/index.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "podwire-load-"));
});

afterEach(() => rm(folder, { recursive: true }));

/** Writes a kubeconfig whose one context, current or not, is called after its file. */
async function write(name: string, current = true): Promise<string> {
  const path = join(folder, name);
  await writeFile(
    path,
    `${current ? `current-context: ${name}\n` : ""}contexts: [{name: ${name}, context: {cluster: ${name}}}]
clusters: [{name: ${name}, cluster: {server: "https://${name}.example"}}]
`,
  );
  return path;
}

async function serverOf(options: LoadOptions): Promise<string> {
  const config: ClientConfig = await loadKubeconfig(options);
  await config.close?.();
  return String(config.server);
}

describe("loading a kubeconfig", () => {
  it("reads the file at the path and not those of the environment", async () => {
    const path = await write("a");
    const env = { KUBECONFIG: await write("b") };
    expect(await serverOf({ path, env })).toBe("https://a.example");
  });

  it("reads the files that $KUBECONFIG lists, the first one first", async () => {
    const env = { KUBECONFIG: [await write("a"), await write("b")].join(delimiter) };
    expect(await serverOf({ env })).toBe("https://a.example");
    expect(await serverOf({ env, context: "b" })).toBe("https://b.example");
  });

  it("passes over listed files that are not there, and empty places", async () => {
    const missing = join(folder, "missing");
    const env = { KUBECONFIG: ["", missing, await write("a", false), await write("b")].join(delimiter) };
    expect(await serverOf({ env })).toBe("https://b.example");
  });

  it.each([{}, { KUBECONFIG: "" }])("reads ~/.kube/config with %j", async (env) => {
    await mkdir(join(folder, ".kube"));
    await writeFile(
      join(folder, ".kube", "config"),
      'current-context: h\ncontexts: [{name: h, context: {cluster: h}}]\nclusters: [{name: h, cluster: {server: "https://home"}}]',
    );
    expect(await serverOf({ env: { ...env, HOME: folder } })).toBe("https://home");
  });

  it("says where it looked when there is no file at all", async () => {
    const [a, b] = [join(folder, "a"), join(folder, "b")];
    await expect(loadKubeconfig({ env: { KUBECONFIG: [a, b].join(delimiter) } })).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
      message: `there is no kubeconfig at ${a} or ${b}`,
    });
    await expect(loadKubeconfig({ path: a })).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
      message: `the kubeconfig ${a} does not exist`,
    });
  });

  it("says that a file cannot be read", async () => {
    await expect(loadKubeconfig({ path: folder })).rejects.toMatchObject({
      code: "FILE_UNREADABLE",
      message: `the kubeconfig ${folder} cannot be read (EISDIR)`,
    });
  });

  it("passes over no file that is there and broken", async () => {
    const broken = join(folder, "broken");
    await writeFile(broken, "a: [");
    const env = { KUBECONFIG: [broken, await write("a")].join(delimiter) };
    await expect(loadKubeconfig({ env })).rejects.toMatchObject({ code: "BAD_YAML" });
  });

  it("has the namespace of the context, or default", async () => {
    const config = await loadKubeconfig({ path: await write("a") });
    expect(config.namespace).toBe("default");
    expect(config.token).toBeUndefined();
    await config.close?.();
  });
});
