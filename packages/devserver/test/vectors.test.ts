import { readdirSync, readFileSync } from "node:fs";
import { handshakes } from "@podwire/tools-vectors";
import { expect, test } from "vitest";

/** How many vectors for servers there are of each section of protocol.md 12. */
const counts = { A: 25, B: 9, C: 58, E: 21, F: 10 };

/** Those that devserver answers otherwise, on purpose, or that are not about such a server. */
const otherwise: readonly { readonly id: string; readonly reason: string }[] = [
  {
    id: "A18",
    reason: "a foreign Origin is refused with 403, so that no page reaches this machine's processes",
  },
  { id: "A24", reason: "queries of a kubelet, which has no HTTP of its own here" },
  { id: "A25", reason: "queries of a kubelet, which has no HTTP of its own here" },
  { id: "C41", reason: "what is said to a container without stdin vanishes: the session does not freeze" },
  { id: "C42", reason: "the input arrives: the bytes that containerd loses are not lost" },
  { id: "C48", reason: "sizes that are none are passed over: the session does not freeze" },
  { id: "C49", reason: "sizes that are none are passed over: the session does not freeze" },
  { id: "C52", reason: "sizes without a terminal are passed over: the session does not freeze" },
  { id: "C57", reason: "a slow reader gets all of it, whatever it pings" },
  { id: "E9", reason: "queries of a kubelet, which has no HTTP of its own here" },
  { id: "E10", reason: "queries of a kubelet, which has no HTTP of its own here" },
  { id: "E11", reason: "queries of a kubelet, which has no HTTP of its own here" },
  { id: "E17", reason: "about what kubectl makes of a stream that is reset" },
  { id: "E21", reason: "about what kubectl says when it is left by Ctrl-C" },
  { id: "F3", reason: "about what kubectl makes of a server without tables, which this one has" },
];

const all = Object.entries(counts).flatMap(([section, count]) =>
  Array.from({ length: count }, (_, index) => `${section}${index + 1}`),
);

/** The ids at the beginning of titles and of comments: `"C39: of a container …"`, `// E19: a ping …`. */
function idsIn(text: string): string[] {
  const named = /(?:["'`]|\/\/ )([ABCEF]\d+(?:, [ABCEF]\d+)*)(?=[: "\n])/g;
  return [...text.matchAll(named)].flatMap(([, ids = ""]) => ids.split(", "));
}

/** The ids that the sources below a folder name, but for this one. */
function idsBelow(folder: URL): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => /(?<!\.d)\.(?:ts|json)$/.test(path) && !/(?:^|\/)node_modules\//.test(path))
    .map((path) => new URL(path, folder))
    .filter(({ href }) => href !== import.meta.url)
    .flatMap((url) => idsIn(readFileSync(url, "utf8")));
}

const held = new Set([
  ...idsBelow(new URL("./", import.meta.url)),
  ...idsBelow(new URL("../../conformance/src/", import.meta.url)),
  // The tests of handshakes are made from them.
  ...handshakes.map(({ id }) => id).filter((id) => all.includes(id)),
]);
const listed = otherwise.map(({ id }) => id);

test("ids are found where titles and comments begin with them, and nowhere else", () => {
  const text = [
    'test("C39: of", () => {});',
    "// E19: a ping",
    "    // A11\n",
    '{ "id": "C1 the first" }',
    '["B3", 1]',
    'test("F8, F10: waits")',
    'hex("E5f0")',
    "const A1 = B2;",
    "of C3 as well",
  ].join("\n");
  expect(idsIn(text)).toEqual(["C39", "E19", "A11", "C1", "B3", "F8", "F10"]);
});

test("every vector for servers is held by a test, or is on the list of those that are not", () => {
  expect(all.filter((id) => !held.has(id) && !listed.includes(id))).toEqual([]);
});

test("none is both, and none is named that is not there", () => {
  expect(listed.filter((id) => held.has(id))).toEqual([]);
  expect([...held, ...listed].filter((id) => !all.includes(id))).toEqual([]);
  expect(new Set(listed).size).toBe(listed.length);
});
