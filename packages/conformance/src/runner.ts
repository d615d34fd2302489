/** What a suite needs of a test runner: `describe` and `test` of vitest or of node:test, and `afterAll` of the one, `after` of the other. */
export interface Runner {
  readonly describe: (name: string, body: () => void) => unknown;
  /** Of a test that takes longer than its timeout the runner says that it fails. */
  readonly test: (name: string, options: { readonly timeout: number }, body: () => Promise<void>) => unknown;
  readonly after: (body: () => Promise<void>) => unknown;
}
