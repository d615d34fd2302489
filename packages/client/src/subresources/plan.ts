import type { ContainerView } from "./container.ts";
import type { StreamOptions } from "./stream-options.ts";

/** What is known of the Pod before dialling. */
export interface Finding {
  /** Whether the Pod was read, could not be (RBAC), or was not to be. */
  readonly pod: "read" | "forbidden" | "skipped";
  /** The container meant; undefined also where the server has to say what is wrong with the choice. */
  readonly container?: ContainerView | undefined;
}

/** What a session will ask for. */
export interface Plan {
  readonly container: ContainerView | undefined;
  readonly tty: boolean;
  readonly stdin: boolean;
  /** Whether what is written is dropped here, as the container has no stdin. */
  readonly stdinDropped: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Whether a runtime that speaks v4 would take "no stdin" for an end of input, and what it would end. */
  readonly needsStdinOnV4: boolean;
  readonly warnings: readonly string[];
}

export function planOf(kind: "attach" | "exec", options: StreamOptions, finding: Finding): Plan {
  const { container } = finding;
  const warnings: string[] = [];
  if (finding.pod === "forbidden") {
    warnings.push(
      "the Pod could not be read (forbidden): its terminal, its stdin and attach's exit code are unknown",
    );
  }
  const attached = kind === "attach" ? container : undefined;
  // A terminal is made with the container: asking attach for another hangs silently on v5.
  const tty = attached ? attached.tty : (options.tty ?? false);
  if (attached && options.tty && !tty) warnings.push(`container ${attached.name} has no terminal`);
  const stdin = options.stdin ?? false;
  const stdinDropped = stdin && attached?.stdin === false;
  if (stdinDropped) {
    warnings.push(
      `container ${attached?.name} was created without stdin: true, so what is written is discarded`,
    );
  }
  return {
    container,
    tty,
    stdin,
    stdinDropped,
    stdout: options.stdout ?? true,
    stderr: !tty && (options.stderr ?? !options.tty),
    // It ends the attach, closes the stdin of a stdinOnce container for good, or cuts a terminal's output.
    needsStdinOnV4: !stdin && (kind === "attach" ? attached?.stdin === true : tty),
    warnings,
  };
}
