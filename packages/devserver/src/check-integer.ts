/** Throws a TypeError for what is no number, and a RangeError for one that is no integer of the range. */
export function checkInteger(
  name: string,
  value: number,
  lowest: number,
  highest = Number.MAX_SAFE_INTEGER,
): void {
  if (typeof value !== "number") throw new TypeError(`${name} must be a number`);
  if (Number.isInteger(value) && value >= lowest && value <= highest) return;
  const range =
    highest === Number.MAX_SAFE_INTEGER ? `of at least ${lowest}` : `from ${lowest} to ${highest}`;
  throw new RangeError(`${name} must be an integer ${range}, not ${value}`);
}
