/** What JavaScript may pass, whatever the types say. */
export function unchecked<T>(value: unknown): T {
  return value as T;
}
