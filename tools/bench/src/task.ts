/** What a contender is asked to do, once. */
export type Task =
  | {
      readonly kind: "download";
      readonly command: readonly string[];
      readonly totalBytes: number;
      readonly content: "pattern" | "zeros";
      /** Whether every byte is looked at; not while it is timed. */
      readonly thorough: boolean;
    }
  | {
      readonly kind: "upload";
      readonly command: readonly string[];
      readonly totalBytes: number;
      readonly writeBytes: number;
    }
  | {
      readonly kind: "echo";
      readonly command: readonly string[];
      readonly messageBytes: number;
      readonly roundTrips: number;
    }
  | {
      readonly kind: "slow-reader";
      readonly command: readonly string[];
      readonly bytesPerSecond: number;
      readonly seconds: number;
    }
  | {
      readonly kind: "stalled-peer";
      readonly command: readonly string[];
      readonly totalBytes: number;
      readonly writeBytes: number;
      readonly seconds: number;
    };

/** What came of it: numbers by their names, or why not. */
export type Outcome = { readonly numbers: Readonly<Record<string, number>> } | { readonly error: string };
