import { expect } from "vitest";
import { type Kubectl, minorOf } from "./kubectl.ts";
import { type KubectlDifference, kubectlDifferences } from "./kubectl-differences.ts";
import { type Line, played } from "./kubectl-transcript.ts";

export type KubectlServer = "devserver" | "cluster";

/** Plays a transcript: what is said is what a real cluster lets the newest kubectl say, or otherwise for a reason. */
export async function expectSaid(
  [program, kubectl, server]: readonly [program: string, kubectl: Kubectl, server: KubectlServer],
  transcript: readonly Line[],
): Promise<void> {
  const minor = await minorOf(program);
  expect(await played(kubectl, transcript)).toEqual(
    transcript.map((line) => expectedOf(line, server, minor)),
  );
}

/** What is to be said of a server by a kubectl, by its minor version; throws where a difference is not there. */
function expectedOf(line: Line, server: KubectlServer, minor: number): Line {
  let text = line.says.join("\n");
  let { code } = line;
  for (const { by, says, instead, reason, code: otherCode = code } of differencesOf(line)) {
    if (by === "devserver" ? by !== server : minor >= by.kubectlBefore) continue;
    const other = text.replaceAll(says, instead);
    if (other === text) throw new RangeError(`no command says this any more: ${line.args}: ${reason}`);
    [text, code] = [other, otherCode];
  }
  return { ...line, ...(code !== undefined && { code }), says: text === "" ? [] : text.split("\n") };
}

/** The differences that are about a command. */
export function differencesOf({ args }: Line): readonly KubectlDifference[] {
  return kubectlDifferences.filter(({ of }) => of.test(args));
}
