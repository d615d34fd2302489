import { isDeepStrictEqual } from "node:util";
import { isObject } from "../../schema/json.ts";
import { resolve, type Schema } from "../../schema/schema.ts";
import { childSchemaOf, isGranular, listShapeOf, stepOf } from "./field-set.ts";
import { type PathSet, pathOf } from "./path-set.ts";

/** What one object has, and another one has not, or otherwise. */
export interface Comparison {
  readonly added: PathSet;
  readonly modified: PathSet;
  readonly removed: PathSet;
}

/** Compares as owners of fields see it: a map or a list that came anew counts besides what is in it. */
export function compare(before: unknown, after: unknown, schema: Schema): Comparison {
  const [added, modified, removed] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const walk = (then: unknown, now: unknown, reference: Schema, steps: readonly string[]): void => {
    const children = childrenOf(then, now, resolve(reference));
    if (then === undefined) added.add(pathOf(steps));
    else if (now === undefined) removed.add(pathOf(steps));
    else if (!children && !isDeepStrictEqual(then, now)) modified.add(pathOf(steps));
    for (const [step, child] of children ?? []) walk(child.then, child.now, child.schema, [...steps, step]);
  };
  walk(before, after, schema, []);
  return { added, modified, removed };
}

interface Child {
  readonly schema: Schema;
  then?: unknown;
  now?: unknown;
}

/** What is in either of them, by its step; undefined where they are compared as a whole. */
function childrenOf(then: unknown, now: unknown, schema: Schema): ReadonlyMap<string, Child> | undefined {
  const children = new Map<string, Child>();
  for (const [side, value] of [
    ["then", then],
    ["now", now],
  ] as const) {
    for (const [step, one, below] of entriesOf(value, schema)) {
      const child = children.get(step) ?? { schema: below };
      child[side] = one;
      children.set(step, child);
    }
  }
  return children.size > 0 ? children : undefined;
}

function entriesOf(value: unknown, schema: Schema): [step: string, value: unknown, schema: Schema][] {
  if (isObject(value) && isGranular(schema)) {
    return Object.entries(value).map(([name, one]) => [`f:${name}`, one, childSchemaOf(schema, name)]);
  }
  const shape = listShapeOf(schema);
  if (!Array.isArray(value) || shape.kind === "atomic") return [];
  const items = schema.items ?? {};
  return value.map((one: unknown) => [
    shape.kind === "map" ? stepOf(one, shape.keys, items) : `v:${JSON.stringify(one)}`,
    one,
    items,
  ]);
}
