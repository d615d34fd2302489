/** Throws RangeError unless this is a whole number within the bounds. */
export function checkInteger(name: string, value: number, least: number, most: number): void {
  if (!(Number.isInteger(value) && value >= least && value <= most)) {
    throw new RangeError(`${name} must be an integer from ${least} to ${most}, not ${value}`);
  }
}
