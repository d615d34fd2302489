import { arch, platform } from "node:os";

export function gitVersionOf(minor: number): string {
  return `v1.${minor}.0+podwire`;
}

/** What OpenAPI documents say that they are of: from 1.31 on the version that a server emulates, without its patches. */
export function openApiVersionOf(minor: number): string {
  return minor < 31 ? gitVersionOf(minor) : `1.${minor}`;
}

/** This machine, in Go's words. */
export const machine = {
  os: platform() === "win32" ? "windows" : platform(),
  arch: { x64: "amd64", ia32: "386" }[arch()] ?? arch(),
} as const;

/** `/version`: clients compare it with their own, and allow themselves what it allows. */
export const versionOf = (minor: number) => ({
  major: "1",
  minor: String(minor),
  gitVersion: gitVersionOf(minor),
  gitCommit: "",
  gitTreeState: "clean",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "none",
  compiler: "none",
  platform: `${machine.os}/${machine.arch}`,
});
