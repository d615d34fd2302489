import { mkdir, mkdtemp, readdir, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolderInside, OutsideError } from "../src/containers/inside.ts";

describe("a folder inside another one", () => {
  test("is made, where links inside lead too", async () => {
    const base = await mkdtemp(join(await realpath(tmpdir()), "podwire-inside-"));
    await mkdir(join(base, "real"));
    await symlink("real", join(base, "link"));
    expect(await makeFolderInside(base, "link/a/../b")).toBe(join(base, "real", "b"));
    expect(await makeFolderInside(base, "/")).toBe(base);
    await rm(base, { recursive: true });
  });

  test.for(["../x", "a/../../../x"])("is never above it: %s", async (path) => {
    const base = await mkdtemp(join(await realpath(tmpdir()), "podwire-inside-"));
    expect(await makeFolderInside(base, path)).toBe(join(base, "x"));
    await rm(base, { recursive: true });
  });

  test("is not made behind a link that leads out, also to a folder whose name begins alike", async () => {
    const base = await mkdtemp(join(await realpath(tmpdir()), "podwire-inside-"));
    await mkdir(`${base}-other`);
    await symlink(`${base}-other`, join(base, "link"));
    await symlink("..", join(base, "up"));
    await symlink("nowhere", join(base, "dangling"));
    await expect(makeFolderInside(base, "link/new")).rejects.toThrow(OutsideError);
    await expect(makeFolderInside(base, "up")).rejects.toThrow(OutsideError);
    await expect(makeFolderInside(base, "dangling/new")).rejects.toThrow(/ENOENT/);
    expect(await readdir(`${base}-other`)).toEqual([]);
    for (const one of [base, `${base}-other`]) await rm(one, { recursive: true });
  });
});
