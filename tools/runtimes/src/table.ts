import type { RuntimeReport } from "./program/report.ts";

/** A table's row: what is said in its cells, by the heads of their columns. */
export type Row = Readonly<Record<string, string>>;

const limitBytes = 4 * 1024 * 1024;
/** What a system's own buffers may hold besides ours. */
const mostPushedBytes = 24 * 1024 * 1024;

/** The row that a report makes true, but for the runtime's name. */
export function rowOf(report: RuntimeReport): Row {
  return {
    "`dial` uses": report.means
      .split(", ")
      .map((name) => `\`${name}\``)
      .join(", "),
    Headers: report.headers ? "yes" : "no",
    "A token is": report.credential === "header" ? "a header" : "a subprotocol",
    "A CA of yours": yesOrNo(report.givenAuthority),
    "Refusals show": refusalOf(report),
    Ping: report.ping ? "yes" : "no",
    "A flood nobody reads": floodOf(report),
    "Spools to a file": typeof report.sessions.spooled === "number" ? "yes" : "no",
    kubeconfig: yesOrNo(report.kubeconfig),
  };
}

function yesOrNo(outcome: string): string {
  if (outcome === "works") return "yes";
  return outcome === "none" ? "no" : outcome;
}

function refusalOf({ refusal }: RuntimeReport): string {
  if (refusal.code === "HANDSHAKE_REFUSED" && refusal.status === 403) {
    return refusal.hasBody ? "status, body" : "status";
  }
  return refusal.code === "CONNECT_FAILED" ? "nothing" : refusal.code;
}

/** The words of the README are earned: a report that is neither is told as it is. */
function floodOf({ flood }: RuntimeReport): string {
  const { sentBytes, pushedBytes, readBytes, code, closeCode } = flood;
  if (code === "none" && readBytes === sentBytes && pushedBytes <= mostPushedBytes) return "waits";
  if (code === "RECEIVE_OVERFLOW" && closeCode === 4008 && readBytes <= limitBytes) return "fails at 4 MiB";
  return JSON.stringify(flood);
}

/** The rows of the Markdown table whose first column has this head, by the names in that column. */
export function rowsOf(markdown: string, head: string): ReadonlyMap<string, Row> {
  const lines = markdown.split("\n");
  const begin = lines.findIndex((line) => cellsOf(line)[0] === head);
  if (begin < 0) throw new Error(`no table has the first column ${head}`);
  const rows = new Map<string, Row>();
  const [, ...heads] = cellsOf(lines[begin] ?? "");
  for (const line of lines.slice(begin + 2)) {
    const [names, ...cells] = cellsOf(line);
    if (names === undefined) break;
    const row = Object.fromEntries(heads.map((column, index) => [column, cells[index] ?? ""]));
    for (const name of namesOf(names)) rows.set(name, row);
  }
  return rows;
}

function cellsOf(line: string): readonly string[] {
  if (!line.startsWith("|")) return [];
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** "Node 20, 22" are Node 20 and Node 22. */
function namesOf(cell: string): readonly string[] {
  const [first = "", ...others] = cell.split(", ");
  const family = first.replace(/ \d+$/, "");
  return [first, ...others.map((name) => (/^\d+$/.test(name) ? `${family} ${name}` : name))];
}
