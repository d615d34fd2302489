import { isObject, type JsonObject } from "../../schema/json.ts";
import type { FieldSet } from "./field-set.ts";

/** Paths of an object, each a list of steps in JSON, so that sets of them are those of texts. */
export type PathSet = ReadonlySet<string>;

export function pathOf(steps: readonly string[]): string {
  return JSON.stringify(steps);
}

export function stepsOf(path: string): readonly string[] {
  const steps: readonly string[] = JSON.parse(path);
  return steps;
}

/** What steps look like that are understood: those of other kinds mean nothing, and what is no step is a mistake. */
function isStep(step: string): boolean | undefined {
  if (step[1] !== ":") return undefined;
  const [kind, value] = [step[0], step.slice(2)];
  if (kind === "f") return true;
  if (kind === "i") return /^[+-]?\d+$/.test(value) || undefined;
  if (kind !== "k" && kind !== "v") return false;
  try {
    const parsed: unknown = JSON.parse(value);
    return kind === "v" || isObject(parsed) || undefined;
  } catch {
    return undefined;
  }
}

/** The paths of a FieldsV1: `.` is what it stands in itself, and so is what has nothing below it. Undefined when it is none. */
export function readPathSet(fields: unknown): PathSet | undefined {
  const paths = new Set<string>();
  const walk = (at: unknown, steps: readonly string[]): boolean => {
    if (!isObject(at)) return false;
    let isMember = true;
    for (const [step, below] of Object.entries(at)) {
      const isKnown = step === "." ? false : isStep(step);
      if (isKnown === undefined || (isKnown && !walk(below, [...steps, step]))) return false;
      if (isKnown) isMember = false;
    }
    if (steps.length > 0 && (isMember || "." in at)) paths.add(pathOf(steps));
    return true;
  };
  return walk(fields, []) ? paths : undefined;
}

/** The same of what the server has written. */
export function pathSetOf(fields: JsonObject): PathSet {
  return readPathSet(fields) ?? new Set();
}

interface Branch {
  isMember: boolean;
  readonly below: Map<string, Branch>;
}

export function fieldsV1Of(paths: PathSet): FieldSet {
  const root: Branch = { isMember: false, below: new Map() };
  for (const path of paths) {
    let at = root;
    for (const step of stepsOf(path)) {
      const next = at.below.get(step) ?? { isMember: false, below: new Map() };
      at.below.set(step, next);
      at = next;
    }
    at.isMember = true;
  }
  const written = ({ isMember, below }: Branch): FieldSet => {
    const steps = [...below].sort(([one], [other]) => (one < other ? -1 : 1));
    const fields = steps.map(([step, branch]): [string, FieldSet] => [step, written(branch)]);
    return Object.fromEntries(isMember && fields.length > 0 ? [[".", {}], ...fields] : fields);
  };
  return written(root);
}

export function union(...sets: readonly PathSet[]): PathSet {
  return new Set(sets.flatMap((set) => [...set]));
}

export function difference(set: PathSet, other: PathSet): PathSet {
  return new Set([...set].filter((path) => !other.has(path)));
}

export function intersection(set: PathSet, other: PathSet): PathSet {
  return new Set([...set].filter((path) => other.has(path)));
}

/** With all that they are inside of. */
export function withParents(set: PathSet): PathSet {
  return new Set(
    [...set].flatMap((path) => {
      const steps = stepsOf(path);
      return steps.map((_, index) => pathOf(steps.slice(0, index + 1)));
    }),
  );
}
