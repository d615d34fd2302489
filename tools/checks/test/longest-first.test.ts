import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { longest } from "../src/longest-first.ts";
import { repository } from "../src/repository.ts";

test.each(longest)("%s is still there", (file) => {
  expect(existsSync(join(repository, file))).toBe(true);
});
