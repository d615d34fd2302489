import { arch, platform } from "node:os";

export const gitVersion = "v1.36.0+podwire";

/** `/version`: clients compare it with their own, and allow themselves what it allows. */
export const version = {
  major: "1",
  minor: "36",
  gitVersion,
  gitCommit: "",
  gitTreeState: "clean",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "none",
  compiler: "none",
  platform: `${platform()}/${arch()}`,
} as const;
