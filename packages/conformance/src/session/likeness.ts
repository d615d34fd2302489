/**
 * Throws unless a value is like what is expected of it: regular expressions are asked, of objects only the keys
 * named, and everything else is the same. A few lines of our own, so that audits need no test runner.
 */
export function expectLike(actual: unknown, expected: unknown, what = "it"): void {
  if (isSubset(expected) && typeof actual === "object" && actual !== null) {
    if (Array.isArray(expected)) {
      expectLike(Array.isArray(actual) && actual.length, expected.length, `${what}.length`);
    }
    for (const [key, value] of Object.entries(expected)) {
      expectLike(Reflect.get(actual, key), value, `${what}.${key}`);
    }
  } else if (!isLike(actual, expected)) {
    throw new Error(`${what} is ${shown(actual)}, and not ${shown(expected)}`);
  }
}

/** Whether a value is like that. */
export function looksLike(actual: unknown, expected: unknown): boolean {
  try {
    expectLike(actual, expected);
    return true;
  } catch {
    return false;
  }
}

function isSubset(expected: unknown): expected is object {
  return (
    typeof expected === "object" &&
    expected !== null &&
    !(expected instanceof RegExp) &&
    !(expected instanceof Error)
  );
}

function isLike(actual: unknown, expected: unknown): boolean {
  return expected instanceof RegExp ? expected.test(String(actual)) : Object.is(actual, expected);
}

/** What a promise rejects with, which must be like this. */
export async function expectRejection(promise: Promise<unknown>, expected: unknown): Promise<unknown> {
  const outcome = await promise.then(
    () => undefined,
    (reason: unknown) => ({ reason }),
  );
  if (!outcome) throw new Error(`it has not rejected with ${shown(expected)}`);
  expectLike(outcome.reason, expected, "the error");
  return outcome.reason;
}

function shown(value: unknown): string {
  if (value instanceof RegExp || value instanceof Error) return String(value);
  return (JSON.stringify(value) ?? String(value)).slice(0, 500);
}
