import recorded from "./exchanges.json" with { type: "json" };

/** Bytes that one side sends and the other, each a whole frame in hex; first those of the client. */
export interface ExchangeStep {
  readonly send?: readonly string[];
  readonly receive: readonly string[];
  /** The server ends the connection behind them. */
  readonly end?: boolean;
}

/** What a client sends to a server behind the 101 as bytes, and all that the server answers. */
export interface ExchangeVector {
  readonly id: string;
  /** `v5.channel.k8s.io` where nothing is said. */
  readonly protocol?: string;
  /** Path and query behind the Pod's name; `cat` with stdin and stdout where nothing is said. */
  readonly target?: string;
  readonly steps: readonly ExchangeStep[];
}

/** Taken from a real server: Kubernetes 1.36 with containerd. */
export const exchanges: readonly ExchangeVector[] = recorded;
