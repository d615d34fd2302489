import { patternBytes } from "./pattern.ts";

/** The commands that contenders run in a place, and how much of each. */
export interface Commands {
  /** What `download` sends. */
  readonly content: "pattern" | "zeros";
  /** Sizes of frames that it can be told to send; undefined where the server chooses them. */
  readonly frameSizes: readonly (number | undefined)[];
  readonly totalBytes: number;
  readonly roundTrips: number;
  download(bytes: number, frameBytes: number | undefined): readonly string[];
  upload(bytes: number): readonly string[];
  echo(): readonly string[];
}

/** The commands of our own server. */
export const localCommands: Commands = {
  content: "pattern",
  frameSizes: [1_024, 4_096, 32_768],
  // Whole periods: the server sends nothing less.
  totalBytes: 512 * patternBytes,
  roundTrips: 5_000,
  download: (bytes, frameBytes) => ["download", `${bytes}`, `${frameBytes}`],
  upload: (bytes) => ["upload", `${bytes}`],
  echo: () => ["echo"],
};

/** The commands of a busybox; the end of an upload is counted because not every protocol can end stdin. */
export const shellCommands: Commands = {
  content: "zeros",
  frameSizes: [undefined],
  totalBytes: 64 * 1_048_576,
  roundTrips: 500,
  download: (bytes) => ["head", "-c", `${bytes}`, "/dev/zero"],
  upload: (bytes) => ["sh", "-c", `head -c ${bytes} | wc -c`],
  echo: () => ["cat"],
};
