import { mkdtemp, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseKubeconfig, resolveContext } from "../src/index.ts";
import { openToken, type TokenSource, tokenPeriodMs } from "../src/token.ts";

let folder: string;
let path: string;
let nowMs: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "podwire-token-"));
  path = join(folder, "token");
  nowMs = 1_000;
});

afterEach(() => rm(folder, { recursive: true }));

async function open(user: object): Promise<TokenSource> {
  const kubeconfig = {
    "current-context": "a",
    contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
    clusters: [{ name: "a", cluster: { server: "https://a.example" } }],
    users: [{ name: "a", user }],
  };
  const context = resolveContext(parseKubeconfig(JSON.stringify(kubeconfig)));
  const source = await openToken(context, () => nowMs);
  if (source === undefined) throw new Error("there is no token");
  return source;
}

describe("the token of a user", () => {
  it("is the one in the kubeconfig", async () => {
    expect(await (await open({ token: "own" }))()).toBe("own");
  });

  it("is the file's before the kubeconfig's, without the line's end", async () => {
    await writeFile(path, "from-file\n");
    expect(await (await open({ token: "own", tokenFile: path }))()).toBe("from-file");
  });

  it("is read again when it is a minute old, and not before", async () => {
    await writeFile(path, "one");
    const current = await open({ tokenFile: path });
    await writeFile(path, "two");
    nowMs += tokenPeriodMs - 1;
    expect(await current()).toBe("one");
    nowMs += 1;
    expect(await Promise.all([current(), current()])).toEqual(["two", "two"]);
  });

  it("stays the last one while the file is missing or empty", async () => {
    await writeFile(path, "one");
    const current = await open({ tokenFile: path });
    await unlink(path);
    nowMs += tokenPeriodMs;
    expect(await current()).toBe("one");
    await writeFile(path, "\n");
    nowMs += tokenPeriodMs;
    expect(await current()).toBe("one");
    await writeFile(path, "two");
    nowMs += tokenPeriodMs;
    expect(await current()).toBe("two");
  });

  it("is the kubeconfig's while the file has never been there", async () => {
    const current = await open({ token: "own", tokenFile: path });
    expect(await current()).toBe("own");
    await writeFile(path, "from-file");
    nowMs += tokenPeriodMs;
    expect(await current()).toBe("from-file");
  });

  it("is an error when there is none to begin with", async () => {
    await expect(open({ tokenFile: path })).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
      message: `the token file ${path} does not exist`,
    });
    await writeFile(path, " \n");
    await expect(open({ tokenFile: path })).rejects.toMatchObject({
      code: "BAD_KUBECONFIG",
      message: `the token file ${path} is empty`,
    });
  });

  it("is an error that does not quote it when no header can carry it", async () => {
    const error: unknown = await open({ token: "s3cret\nx" }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "BAD_KUBECONFIG",
      message: "the token has a character that a header cannot carry",
    });
    expect(inspect(error, { showHidden: true })).not.toContain("s3cret");
  });
});
