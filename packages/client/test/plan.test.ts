import { describe, expect, test } from "vitest";
import type { StreamOptions } from "../src/index.ts";
import { type Finding, type Needs, planOf } from "../src/subresources/plan.ts";

const v5 = "v5.channel.k8s.io";
const v4 = "v4.channel.k8s.io";
const read = (container: object = {}): Finding => ({
  pod: "read",
  container: { name: "main", tty: false, stdin: false, stdinOnce: false, id: "1", ...container },
});
const forbidden: Finding = { pod: "forbidden" };

describe("what is offered, one after the other", () => {
  test.each<
    [string, "attach" | "exec", StreamOptions, Finding, (readonly [string, "stdin" | "no stdin"])[], Needs?]
  >([
    // Output alone: v4 keeps all of it.
    [
      "exec",
      "exec",
      {},
      read(),
      [
        [v4, "no stdin"],
        [v5, "no stdin"],
      ],
    ],
    [
      "exec in a container with stdin of its own",
      "exec",
      {},
      read({ stdin: true }),
      [
        [v4, "no stdin"],
        [v5, "no stdin"],
      ],
    ],
    [
      "exec of an unread Pod",
      "exec",
      {},
      forbidden,
      [
        [v4, "no stdin"],
        [v5, "no stdin"],
      ],
    ],
    [
      "attach to a container without stdin",
      "attach",
      {},
      read(),
      [
        [v4, "no stdin"],
        [v5, "no stdin"],
      ],
    ],
    [
      "attach whose stdin would be dropped",
      "attach",
      { stdin: true },
      read(),
      [
        [v4, "no stdin"],
        [v5, "no stdin"],
      ],
    ],
    [
      "exec that acknowledges",
      "exec",
      {},
      read(),
      [
        [v4, "stdin"],
        [v5, "stdin"],
      ],
      { stdin: true },
    ],

    // Stdin that can end, or a terminal: v5 where there is one.
    ["exec with stdin", "exec", { stdin: true }, read(), [[`${v5},${v4}`, "stdin"]]],
    [
      "exec with stdin that acknowledges",
      "exec",
      { stdin: true },
      read(),
      [[`${v5},${v4}`, "stdin"]],
      { stdin: true },
    ],
    ["exec with both", "exec", { stdin: true, tty: true }, read(), [[`${v5},${v4}`, "stdin"]]],
    ["attach with stdin", "attach", { stdin: true }, read({ stdin: true }), [[`${v5},${v4}`, "stdin"]]],
    ["attach with stdin to what is unread", "attach", { stdin: true }, forbidden, [[`${v5},${v4}`, "stdin"]]],

    // What v4 without stdin would cut: v5, then v4 with stdin that is never written.
    [
      "a terminal's exec without stdin",
      "exec",
      { tty: true },
      read(),
      [
        [v5, "no stdin"],
        [v4, "stdin"],
      ],
    ],
    [
      "attach without the container's stdin",
      "attach",
      {},
      read({ stdin: true }),
      [
        [v5, "no stdin"],
        [v4, "stdin"],
      ],
    ],
    [
      "attach to what is unread",
      "attach",
      {},
      forbidden,
      [
        [v5, "no stdin"],
        [v4, "stdin"],
      ],
    ],

    // The caller's own choice.
    ["exec over v5 only", "exec", { protocols: [v5] }, read(), [[v5, "no stdin"]]],
    ["exec over both", "exec", { protocols: [v5, v4] }, read(), [[`${v5},${v4}`, "no stdin"]]],
    ["attach over v4 only", "attach", { protocols: [v4] }, read({ stdin: true }), [[v4, "stdin"]]],
    [
      "attach over both without the container's stdin",
      "attach",
      { protocols: [v4, v5] },
      read({ stdin: true }),
      [
        [v5, "no stdin"],
        [v4, "stdin"],
      ],
    ],
  ])("%s", (_what, kind, options, finding, offers, needs) => {
    const plan = planOf(kind, options, finding, needs);
    expect(
      plan.offers.map(({ protocols, stdin }) => [protocols.join(), stdin ? "stdin" : "no stdin"]),
    ).toEqual(offers);
  });
});

describe("a terminal", () => {
  const size = { width: 80, height: 24 };

  test("of exec is what the caller says, with its size", () => {
    expect(planOf("exec", { tty: size }, read())).toMatchObject({ tty: true, size, stderr: false });
    expect(planOf("exec", { tty: true }, read())).toMatchObject({ tty: true, size: undefined });
    expect(planOf("exec", {}, read({ tty: true }))).toMatchObject({ tty: false, stderr: true });
  });

  test("of attach is the container's own; a size is sent to no other", () => {
    expect(planOf("attach", { tty: size }, read({ tty: true }))).toMatchObject({
      tty: true,
      size,
      warnings: [],
    });
    expect(planOf("attach", {}, read({ tty: true }))).toMatchObject({
      tty: true,
      size: undefined,
      stderr: false,
    });
    expect(planOf("attach", { tty: size }, read())).toMatchObject({
      tty: false,
      size: undefined,
      warnings: ["container main has no terminal"],
    });
    expect(planOf("attach", { tty: size }, forbidden)).toMatchObject({ tty: true, size });
  });
});
