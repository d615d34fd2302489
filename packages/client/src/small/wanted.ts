/** What was asked for, checked and complete. */
export interface Wanted {
  readonly kind: "attach" | "exec";
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
  readonly signal: AbortSignal | undefined;
}
