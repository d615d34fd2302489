/** A browser to test with, or what went wrong on every way to one. */
export type Browser =
  | { readonly path: string; readonly troubles?: never }
  | { readonly path?: never; readonly troubles: readonly string[] };

/** How a machine comes to a browser. */
export interface BrowserSources {
  /** The user's own choice: used as it is, so that a wrong one fails the tests. */
  readonly chosen?: string | undefined;
  find(): string | undefined;
  /** Why a browser that was found cannot be used, if so: a library that is missing, for example. */
  troubleWith(path: string): Promise<string | undefined>;
  /** Ways to a new one, the mildest first. */
  readonly installations: readonly BrowserInstallation[];
}

export interface BrowserInstallation {
  readonly name: string;
  /** What went wrong, if anything did. */
  install(): Promise<string | undefined>;
}

/** Takes the browser that is there, or sets one up. */
export async function setUpBrowser(sources: BrowserSources, say: (line: string) => void): Promise<Browser> {
  if (sources.chosen) return { path: sources.chosen };
  const troubles: string[] = [];
  async function usable(): Promise<string | undefined> {
    const path = sources.find();
    if (path === undefined) return undefined;
    const trouble = await sources.troubleWith(path);
    if (trouble === undefined) return path;
    const told = `${path}: ${trouble}`;
    if (!troubles.includes(told)) troubles.push(told);
    return undefined;
  }
  let path = await usable();
  for (const { name, install } of sources.installations) {
    if (path !== undefined) break;
    say(`There is no browser to test with yet: trying ${name}.`);
    const trouble = await install();
    if (trouble === undefined) path = await usable();
    else troubles.push(`${name}: ${trouble}`);
  }
  return path === undefined ? { troubles } : { path };
}
