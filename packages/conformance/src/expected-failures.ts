/** What is known to fail, by id, and why. */
export type ExpectedFailures = Readonly<Record<string, string>>;

/** Throws a RangeError for an expected failure that is none of what is tested: it could never go stale. */
export function checkExpectedFailures(
  expected: ExpectedFailures,
  ids: readonly string[],
  what: string,
): void {
  const unknown = Object.keys(expected).find((id) => !ids.includes(id));
  if (unknown === undefined) return;
  throw new RangeError(`expectedFailures has ${JSON.stringify(unknown)}, which is the id of no ${what}`);
}
