/** An amount as an exact fraction: quantities go from nano to exa. */
export interface Quantity {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const pattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE])|[eE]([+-]?\d+))?$/;
const decimal: readonly string[] = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const binary: readonly string[] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
/** No quantity needs more; without a limit a short text would be a number without end. */
const longestExponent = 1_000;

/** What a text such as `1500m`, `1.5`, `1Gi` or `1e3` says; undefined when it is no quantity. */
export function parseQuantity(text: string): Quantity | undefined {
  const [found, sign = "", whole = "", fraction = "", suffix = "", exponent = "0"] = pattern.exec(text) ?? [];
  const isLong = Math.abs(Number(exponent)) > longestExponent;
  if (found === undefined || whole + fraction === "" || isLong) return undefined;
  const digits = BigInt(`${sign === "-" ? "-" : ""}${whole}${fraction}`);
  const isBinary = suffix.endsWith("i");
  const tens = (isBinary ? 0 : 3 * (decimal.indexOf(suffix) - 3)) + Number(exponent) - fraction.length;
  const factor = isBinary ? 1_024n ** BigInt(binary.indexOf(suffix)) : 1n;
  return {
    numerator: digits * factor * 10n ** BigInt(Math.max(0, tens)),
    denominator: 10n ** BigInt(Math.max(0, -tens)),
  };
}

/** Less than 0 when the first is the smaller one, 0 when both are as much, and more otherwise. */
export function compareQuantities(one: Quantity, other: Quantity): number {
  const [left, right] = [one.numerator * other.denominator, other.numerator * one.denominator];
  return left < right ? -1 : left > right ? 1 : 0;
}
