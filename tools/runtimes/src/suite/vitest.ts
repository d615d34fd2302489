import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from "@vitest/expect";
import { spyOn } from "@vitest/spy";

// Stands in for vitest, which needs Node, where the suite is bundled for a worker: it collects tests, and knows as much
// of it as the suite uses.

export interface CollectedTest {
  readonly name: string;
  run(): Promise<void>;
}

type Body<T extends readonly unknown[]> = (...args: T) => unknown;
type Context = { annotate(text: string): Promise<void> };

/** All tests that have been defined, by their whole names. */
export const collected: CollectedTest[] = [];

const path: string[] = [];
const context: Context = { annotate: () => Promise.resolve() };

export function describe(name: string, ...[first, second]: [object, Body<[]>] | [Body<[]>]): void {
  path.push(name);
  const body = second ?? first;
  if (typeof body === "function") body();
  path.pop();
}

function define(name: string, body: Body<[Context]>): void {
  collected.push({
    name: [...path, name].join(" > "),
    async run() {
      await body(context);
    },
  });
}

function ignore(): void {}

export const test = Object.assign(define, {
  runIf: (condition: boolean) => (condition ? define : ignore),
  for:
    <T>(cases: readonly T[]) =>
    (name: string, body: Body<[T, Context]>) => {
      for (const one of cases) define(titleOf(name, one), () => body(one, context));
    },
});

/** A name with its case in it, or with the first part of that. */
function titleOf(name: string, one: unknown): string {
  const [first]: unknown[] = Array.isArray(one) ? one : [one];
  return name.replace(/%[sid]/, String(first));
}

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

export const expect = Object.assign(
  (value: unknown, message?: string) => chai.expect(value, message),
  chai.expect,
  Reflect.get(globalThis, ASYMMETRIC_MATCHERS_OBJECT),
);
setState({ assertionCalls: 0 }, expect);

export const vi = {
  spyOn,
  async waitFor<T>(
    condition: () => T | Promise<T>,
    options: { timeout: number; interval: number },
  ): Promise<T> {
    const end = performance.now() + options.timeout;
    for (;;) {
      try {
        return await condition();
      } catch (error) {
        if (performance.now() > end) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, options.interval));
    }
  },
};
