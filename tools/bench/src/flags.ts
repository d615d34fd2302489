import { parseArgs } from "node:util";

const benches = ["cold", "download", "upload", "echo", "memory", "pages", "devserver", "cluster"] as const;

type BenchName = (typeof benches)[number];

export const usage = `usage: pnpm bench [--only NAME]... [--rounds N] [--kubeconfig FILE --image NAME] [--profile FOLDER]

Runs podwire, as built, beside bare ws and @kubernetes/client-node and prints Markdown tables: medians, quartiles,
and the median of the ratios in the same round to ws, or in pages to a bare WebSocket. The numbers compare with others
of the same table only.

  --only NAME        one of ${benches.join(", ")}; may be repeated
  --rounds N         rounds that count, 15 by default; memory and loads take a fifth of them
  --kubeconfig FILE  also runs download, upload and echo on this cluster, with kubectl where there is one
  --image NAME       image of the Pod there, with head, cat, wc and sh; busybox:1.36 by default
  --profile FOLDER   leaves a CPU profile of each contender and row in this folder
`;

export interface Flags {
  readonly only: ReadonlySet<BenchName>;
  readonly rounds: number;
  readonly kubeconfig: string | undefined;
  readonly image: string;
  readonly profileFolder: string;
  readonly help: boolean;
}

/** What the command line asks for; throws for what it cannot mean. */
export function parseFlags(args: readonly string[]): Flags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", multiple: true, default: [...benches] },
      rounds: { type: "string", default: "15" },
      kubeconfig: { type: "string" },
      image: { type: "string", default: "busybox:1.36" },
      profile: { type: "string", default: "" },
      help: { type: "boolean", default: false },
    },
  });
  const only = new Set(values.only.map(benchNamed));
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError("--rounds takes a number from 1 up");
  const { kubeconfig, image, help, profile: profileFolder } = values;
  if (only.size === 1 && only.has("cluster") && kubeconfig === undefined && !help) {
    throw new TypeError("--only cluster needs --kubeconfig");
  }
  return { only, rounds, kubeconfig, image, profileFolder, help };
}

function benchNamed(name: string): BenchName {
  const known = benches.find((bench) => bench === name);
  if (!known) throw new RangeError(`--only takes one of ${benches.join(", ")}`);
  return known;
}
