import type { ContainerProgram } from "@podwire/devserver";
import { describe, expect, test } from "vitest";
import { createImages } from "../src/containers/images.ts";
import type { ProcessSpec, Start } from "../src/containers/process.ts";
import { startScripted } from "../src/containers/scripted.ts";

describe("an image is found by", () => {
  const program =
    (code: number): ContainerProgram =>
    () =>
      code;
  const spec: ProcessSpec = {
    command: [],
    env: {},
    root: "",
    folder: "",
    stdin: false,
    tty: false,
    exec: false,
  };

  /** The exit code tells which one it was: 100 is the local process. */
  const codeOf = async (reference: string, names: Record<string, "process" | ContainerProgram>) => {
    const local: Start = async () => startScripted(program(100), spec);
    const start = createImages(names, local)(reference);
    if (!start) return undefined;
    return (await (await start(spec)).exit).code;
  };

  test.for([
    [
      "its whole reference",
      "example.com/team/app:1",
      { "example.com/team/app:1": program(1), app: program(2) },
      1,
    ],
    [
      "its reference without tag",
      "example.com/team/app:1",
      { "example.com/team/app": program(1), app: program(2) },
      1,
    ],
    ["its last part", "example.com/team/app:1", { app: program(1) }, 1],
    ["its last part, with a digest", "example.com/team/app@sha256:00ff", { app: program(1) }, 1],
    ["its last part, with both", "team/app:1.2@sha256:00ff", { app: program(1) }, 1],
    ["its last part, behind a port", "localhost:5000/app", { app: program(1) }, 1],
    ["nothing but the whole name", "example.com/team/app-2:1", { app: program(1) }, undefined],
    ["nothing else", "constructor", {}, undefined],
    ["its tag, where that is given", "app:2", { "app:1": program(1), "app:2": program(2) }, 2],
    ["an own name before the built-in one", "docker.io/library/busybox:1.36", { busybox: program(1) }, 1],
    ["the built-in name of a local process", "docker.io/library/busybox:1.36", {}, 100],
    ["an own name of a local process", "tools:1", { tools: "process" }, 100],
  ] as const)("%s", async ([, reference, names, code]) => {
    expect(await codeOf(reference, { ...names })).toBe(code);
  });
});
