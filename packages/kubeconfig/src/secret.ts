/** A text that only `reveal` shows: not `inspect`, JSON or a template string. */
export interface Secret {
  reveal(): string;
}

/** Hides a text in a closure, where even `inspect` with `showHidden` finds nothing. */
export function secret(text: string): Secret {
  return { reveal: () => text };
}
