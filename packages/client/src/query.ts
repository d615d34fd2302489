/** What a URL asks for: false and undefined are left out, arrays repeat their name. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** The query string of a request, with its question mark if it is not empty. */
export function queryString(query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) {
      if (one !== undefined && one !== false) parameters.append(name, String(one));
    }
  }
  const text = parameters.toString();
  return text && `?${text}`;
}
