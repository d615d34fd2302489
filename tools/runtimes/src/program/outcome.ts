/** Says what came of something: "works", or the code or the name of its error. */
export async function outcomeOf(act: (() => Promise<unknown>) | undefined): Promise<string> {
  if (!act) return "none";
  try {
    await act();
    return "works";
  } catch (error) {
    return codeOf(error);
  }
}

export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
