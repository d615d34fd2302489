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

/** The paths of a FieldsV1: `.` is what it stands in itself, and so is what has nothing below it. */
export function pathSetOf(fields: JsonObject): PathSet {
  const paths = new Set<string>();
  const walk = (at: JsonObject, steps: readonly string[]): void => {
    for (const [step, value] of Object.entries(at)) {
      const below = isObject(value) ? value : {};
      if (step === ".") paths.add(pathOf(steps));
      else if (Object.keys(below).length === 0) paths.add(pathOf([...steps, step]));
      else walk(below, [...steps, step]);
    }
  };
  walk(fields, []);
  return paths;
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
