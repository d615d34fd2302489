import { randomBytes } from "node:crypto";
import type { Kubectl } from "./kubectl.ts";

/** One command and what it says on a real cluster, with names, ages and addresses made equal. */
export interface Line {
  /** Every `NAME` is replaced by a name of this run, and a space behind `\` is part of an argument. */
  readonly args: string;
  readonly input?: string;
  readonly editor?: string;
  readonly code?: number;
  readonly says: readonly string[];
  /** Why it is not looked at what it says. */
  readonly unheard?: string;
}

/** Several objects as one input of kubectl. */
export function documentsOf(...objects: readonly object[]): string {
  return objects.map((one) => `---\n${JSON.stringify(one)}\n`).join("");
}

/** Runs every command, and gives for each what was said beside what should have been. */
export async function played(kubectl: Kubectl, lines: readonly Line[]): Promise<Line[]> {
  const name = `podwire-${randomBytes(4).toString("hex")}`;
  const said: Line[] = [];
  for (const line of lines) {
    const named = (text: string): string => text.replaceAll(/(?<!BAD_)NAME(?!S)/g, name);
    const args = line.args.split(/(?<!\\) /).map((one) => named(one).replaceAll("\\ ", " "));
    const { code, text } = await kubectl.run(args, {
      ...(line.input !== undefined && { input: named(line.input) }),
      ...(line.editor !== undefined && { editor: line.editor }),
    });
    const { code: _code, ...rest } = line;
    const says = line.unheard === undefined ? normalised(text, name) : [];
    said.push({ ...rest, ...(code !== 0 && { code: code ?? -1 }), says });
  }
  return said;
}

/** What is another each time, and nothing else: the differences that stay are in kubectl-differences.ts. */
const volatile: readonly (readonly [RegExp, string])[] = [
  [/"\d{4}-\d\d-\d\dT[\d:]{8}Z"/g, "TIME"],
  [/\w{3}, \d\d \w{3} \d{4} [\d:]{8} \+0000/g, "TIME"],
  [/\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/g, "UID"],
  [/\b[\da-f]{64}\b/g, "ID"],
  [/(resourceVersion"?:) "\d+"/g, "$1 VERSION"],
  [/(nodeName"?: "?|^Node: +)(?:[\d.]+|devserver)/gm, "$1NODE"],
  [/\b\d+(?:\.\d+){3}\b/g, "IP"],
  // Whoever runs the server runs its containers.
  [/\b([ug]id"?:) \d+/g, "$1 OWN"],
  [/(supplementalGroups"?:)(?: \[)?(?:\s+(?:- )?\d+,?)+(?:\s+\])?/g, "$1 OWN"],
  [/^(Client|Kustomize) Version: .*$/gm, "$1 Version: OWN"],
  [/client \(1\.\d+\)/g, "client (1.OWN)"],
  [/\/\S*kubectl-edit-\d+/g, "FILE"],
  // Columns are as wide as what is in them.
  [/(?<=\S) {2,}/g, " "],
  [/ +$/gm, ""],
  [/(?<=\d) \(\d+[smh](?:\d+[sm])? ago\)/g, " (TIME ago)"],
  [/(?<=^|(?<! for) )\d+[smh](?:\d+[sm])?(?= |$)/gm, "TIME"],
  [/(?<=TIME IP )\S+/g, "NODE"],
];

function normalised(text: string, name: string): string[] {
  const equal = volatile.reduce(
    (said, [pattern, instead]) => said.replaceAll(pattern, instead),
    text.replaceAll(name, "NAME"),
  );
  return equal === "" ? [] : equal.replace(/\n$/, "").split("\n");
}
