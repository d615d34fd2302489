import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { ClientErrorCode, Exit, StreamSession } from "../src/index.ts";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const readme = read("../README.md");

/** The names in the first column of the table under a heading. */
function listed(heading: string): string[] {
  const section = readme.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  const rows = [...section.matchAll(/^\| (`.+?) +\| /gm)].slice(heading === "Errors" ? 1 : 0);
  return rows.flatMap(([, cell = ""]) => [...cell.matchAll(/`([\w.]+)/g)].map(([, name = ""]) => name));
}

/** Every code; a missing or a foreign one does not compile. */
const codes = {
  ALREADY_EXISTS: true,
  BAD_REQUEST: true,
  BAD_RESPONSE: true,
  COMMAND_FAILED: true,
  CONFLICT: true,
  CONNECTION_FAILED: true,
  CONNECTION_LOST: true,
  CONTAINER_NOT_RUNNING: true,
  ENDED_WITHOUT_STATUS: true,
  EXPIRED: true,
  FAILED_TO_START: true,
  FORBIDDEN: true,
  HALF_CLOSE_UNSUPPORTED: true,
  INVALID: true,
  LIMIT_EXCEEDED: true,
  NODE_UNREACHABLE: true,
  NOT_FOUND: true,
  PATTERN_NOT_FOUND: true,
  PEER_SILENT: true,
  POD_CANNOT_RUN: true,
  PROTOCOL_ERROR: true,
  READER_BUSY: true,
  SERVER_ERROR: true,
  SESSION_ENDED: true,
  SPOOL_FAILED: true,
  STDIN_STALLED: true,
  SUBPROTOCOL_UNSUPPORTED: true,
  TIMEOUT: true,
  TOO_MANY_REQUESTS: true,
  UNAUTHORIZED: true,
  UNVERIFIED: true,
} satisfies Record<ClientErrorCode, true>;

/** Every way of ending. */
const kinds = {
  exited: true,
  signalled: true,
  detached: true,
  aborted: true,
  failedToStart: true,
  failed: true,
  endedWithoutStatus: true,
  connectionLost: true,
  limitExceeded: true,
  timedOut: true,
  unverified: true,
} satisfies Record<Exit["kind"], true>;

/** Every member of a session that has a name. */
const members = {
  stdin: true,
  stdout: true,
  stderr: true,
  protocol: true,
  container: true,
  tty: true,
  warnings: true,
  resize: true,
  closeStdin: true,
  waitForStatus: true,
  exited: true,
  verified: true,
  close: true,
} satisfies Record<Extract<keyof StreamSession, string>, true>;

test("the README says what to do about every code once, in order, and about no other", () => {
  expect(listed("Errors")).toEqual(Object.keys(codes));
});

test("the README lists every export, and nothing else", () => {
  const lists = [...read("../src/index.ts").matchAll(/^export (?:type )?\{([^}]+)\}/gm)];
  const exported = lists.flatMap(([, names = ""]) =>
    names
      .split(",")
      .map((name) => name.trim().replace(/^type /, ""))
      .filter(Boolean),
  );
  expect(exported.length).toBeGreaterThan(40);
  expect(listed("Exports").sort()).toEqual(exported.sort());
});

test("the README names every member of a session and every way of ending", () => {
  const named = listed("A session").map((name) => name.split(".")[0]);
  expect(new Set(named.filter((name) => name !== "await"))).toEqual(new Set(Object.keys(members)));
  for (const kind of Object.keys(kinds)) expect(readme).toContain(`\`${kind}\``);
});

test("the README names every option of attach, exec and run", () => {
  const sources = ["stream-options", "attach", "exec"]
    .map((name) => read(`../src/subresources/${name}.ts`))
    .join("\n");
  const interfaces = [
    ...sources.matchAll(/export interface (?:Stream|Attach|Run)Options[^{]*\{([^}]*)\}/g),
  ].map(([, body = ""]) => body);
  const own = [...interfaces.join("\n").matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name = ""]) => name);
  const inherited = ["namespace", "requestTimeoutMs", "signal"];
  expect(own.length).toBeGreaterThan(8);
  expect(new Set(listed("Options"))).toEqual(new Set([...own, ...inherited]));
});
