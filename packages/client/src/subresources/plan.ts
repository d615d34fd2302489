import { capabilitiesOf, subprotocols, type TerminalSize } from "@podwire/codec";
import type { ContainerView } from "./container.ts";
import { type StreamOptions, sizeOf } from "./stream-options.ts";

/** What is known of the Pod before dialling. */
export interface Finding {
  /** Whether the Pod was read, could not be (RBAC), or was not to be. */
  readonly pod: "read" | "forbidden" | "skipped";
  /** The container meant; undefined also where the server has to say what is wrong with the choice. */
  readonly container?: ContainerView | undefined;
}

/** One handshake: what to offer, and whether to ask for stdin with it. */
export interface Offer {
  readonly protocols: readonly string[];
  readonly stdin: boolean;
}

/** What a session will ask for. */
export interface Plan {
  readonly container: ContainerView | undefined;
  readonly tty: boolean;
  /** The terminal's size at first, where the caller gave one. */
  readonly size: TerminalSize | undefined;
  readonly stdin: boolean;
  /** Whether what is written is dropped here, as the container has no stdin. */
  readonly stdinDropped: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** What to dial with, one after the other where the server supports none of the subprotocols. */
  readonly offers: readonly Offer[];
  readonly warnings: readonly string[];
}

/** What the session itself needs, whatever its caller asks for. */
export interface Needs {
  /** Stdin on the wire, to acknowledge the output. */
  readonly stdin?: boolean;
}

export function planOf(
  kind: "attach" | "exec",
  options: StreamOptions,
  finding: Finding,
  needs: Needs = {},
): Plan {
  const { container } = finding;
  const warnings: string[] = [];
  if (finding.pod === "forbidden") {
    warnings.push(
      "the Pod could not be read (forbidden): its terminal, its stdin and attach's exit code are unknown",
    );
  }
  const attached = kind === "attach" ? container : undefined;
  // A terminal is made with the container: asking attach for another hangs silently on v5.
  const tty = attached ? attached.tty : Boolean(options.tty);
  if (attached && options.tty && !tty) warnings.push(`container ${attached.name} has no terminal`);
  const stdin = options.stdin ?? false;
  const stdinDropped = stdin && attached?.stdin === false;
  if (stdinDropped) {
    warnings.push(
      `container ${attached?.name} was created without stdin: true, so what is written is discarded`,
    );
  }
  const writes = stdin && !stdinDropped;
  const onWire = writes || needs.stdin === true;
  return {
    container,
    tty,
    // Without a terminal a second size freezes the session's stdin on v5.
    size: tty ? sizeOf(options) : undefined,
    stdin,
    stdinDropped,
    stdout: options.stdout ?? true,
    stderr: !tty && (options.stderr ?? !options.tty),
    offers: offersOf(options, {
      stdin: onWire,
      quiet: !writes && !tty,
      // Below v5 a runtime takes "no stdin" for the end of input: that ends the attach, closes the stdin of a
      // stdinOnce container for good, or cuts a terminal's output. What is unknown may have stdin.
      cutBelowV5: !onWire && (kind === "attach" ? attached?.stdin !== false : tty),
    }),
    warnings,
  };
}

function offersOf(
  { protocols }: StreamOptions,
  { stdin, quiet, cutBelowV5 }: { stdin: boolean; quiet: boolean; cutBelowV5: boolean },
): Offer[] {
  const { v4, v5 } = subprotocols;
  const offered = protocols ?? [v5, v4];
  if (cutBelowV5) {
    const safe = offered.filter((name) => capabilitiesOf(name)?.halfClose);
    const cut = offered.filter((name) => !safe.includes(name));
    return [
      { protocols: safe, stdin },
      // Asked for and never written to.
      { protocols: cut, stdin: true },
    ].filter((offer) => offer.protocols.length > 0);
  }
  // v5 is translated on the way, and loses the end of what a slow reader has not taken yet. Alone, since a server
  // that sees v5 anywhere takes it.
  const apart = quiet && !protocols ? [[v4], [v5]] : [offered];
  return apart.map((names) => ({ protocols: names, stdin }));
}
