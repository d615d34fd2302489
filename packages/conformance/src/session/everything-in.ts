/** All there is to see of a value: names, messages, stacks, properties and causes, enumerable or not. */
export function everythingIn(value: unknown, depth = 0): string {
  if (typeof value !== "object" || value === null || depth > 6) return String(value);
  if (ArrayBuffer.isView(value)) return new TextDecoder().decode(value);
  const names = Object.getOwnPropertyNames(value);
  const parts = names.map((name) => `${name}=${everythingIn(Reflect.get(value, name), depth + 1)}`);
  return `${String(value)} ${JSON.stringify(value)} ${parts.join(" ")}`;
}
