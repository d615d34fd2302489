/** A count among a program's arguments; throws a RangeError that says what was expected. */
export function countOf(what: string, text: string): number {
  const count = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (count < 1)
    throw new RangeError(`${JSON.stringify(text)} is not ${what}: expected an integer from 1 on`);
  return count;
}
