import { median, quantile } from "./median.ts";
import type { Lane } from "./rounds.ts";
import type { Outcome } from "./task.ts";

/** Below this, in any of our units, a ratio to the control says nothing. */
const leastControl = 1;

/** One number of the outcomes, as columns. */
export interface Measure {
  readonly key: string;
  readonly heading: string;
  /** Whether its ratio to the first lane, the control, is shown too. */
  readonly ratio: boolean;
  /** Where three quarters of a lane's ratios are below it, or above `most`, the bench fails. */
  readonly least?: number;
  readonly most?: number;
}

export interface Labelled extends Pick<Lane, "label"> {
  /** The control once more: what it differs by is chance, and nothing that could be missed. */
  readonly chance?: true;
}

/** What was measured under one condition. */
export interface Row<L extends Labelled = Lane> {
  readonly condition: string;
  readonly lanes: readonly L[];
  readonly outcomes: readonly (readonly Outcome[])[];
}

/** A Markdown table: the median of each measure with its quartiles, and the median of its ratios to the control. */
export function markdownTable(
  first: string,
  rows: readonly Row<Labelled>[],
  measures: readonly Measure[],
  control = "ws",
): string {
  const headings = measures.flatMap(({ heading, ratio }) => (ratio ? [heading, `of ${control}`] : [heading]));
  const lines = [
    `| ${first} | | ${headings.join(" | ")} |`,
    `|---|---|${headings.map(() => "---:|").join("")}`,
    ...rows.flatMap((row) =>
      row.lanes.map(({ label }, index) => {
        const cells = measures.flatMap((measure) => cellsOf(row, index, measure));
        return `| ${row.condition} | ${label} | ${cells.join(" | ")} |`;
      }),
    ),
  ];
  const failures = faultsOf(rows, measures, control);
  return [...lines, ...(failures.length > 0 ? ["", ...failures] : [])].join("\n");
}

/** Whether any round of any lane failed, or a lane has missed a bound of these measures. */
export function hasFailures(
  rows: readonly Row<Labelled>[],
  measures: readonly Measure[] = [],
  control = "ws",
): boolean {
  return faultsOf(rows, measures, control).length > 0;
}

function faultsOf(
  rows: readonly Row<Labelled>[],
  measures: readonly Measure[],
  control: string,
): readonly string[] {
  return [...rows.flatMap(failuresOf), ...missesOf(rows, measures, control)];
}

/** What has missed its bound in three quarters of its rounds. */
export function missesOf(
  rows: readonly Row<Labelled>[],
  measures: readonly Measure[],
  control: string,
): string[] {
  return rows.flatMap((row) =>
    row.lanes.flatMap(({ label, chance }, index) =>
      measures.flatMap(({ key, heading, least = 0, most = Number.POSITIVE_INFINITY }) => {
        const ratios = ratiosOf(row, index, key);
        // Of no ratios they are NaN, and miss nothing.
        const tooLittle = quantile(ratios, 0.75) < least;
        if (chance || !(tooLittle || quantile(ratios, 0.25) > most)) return [];
        const bound = tooLittle ? `at least ${least}` : `at most ${most}`;
        const middle = ratioText(median(ratios));
        return [`${row.condition}, ${label}: ${heading} is ${middle} of ${control}, and not ${bound}`];
      }),
    ),
  );
}

/** Of the same round: what else the machine does then hits both. */
function ratiosOf({ outcomes }: Row<Labelled>, index: number, key: string): number[] {
  return (outcomes[index] ?? []).flatMap((outcome, round) => {
    const value = numberOf(outcome, key);
    const control = numberOf(outcomes[0]?.[round], key);
    return value === undefined || control === undefined || control < leastControl ? [] : [value / control];
  });
}

function cellsOf(row: Row<Labelled>, index: number, { key, ratio }: Measure): string[] {
  const { outcomes } = row;
  const values = (outcomes[index] ?? []).map((outcome) => numberOf(outcome, key));
  const good = values.filter((value) => value !== undefined);
  const cell = good.length > 0 ? spread(good) : isFailed(outcomes[index]) ? "failed" : "";
  if (!ratio) return [cell];
  const ratios = ratiosOf(row, index, key);
  return [cell, ratios.length > 0 ? ratioText(median(ratios)) : ""];
}

function isFailed(outcomes: readonly Outcome[] = []): boolean {
  return outcomes.some((outcome) => "error" in outcome);
}

function numberOf(outcome: Outcome | undefined, key: string): number | undefined {
  return outcome && "numbers" in outcome ? outcome.numbers[key] : undefined;
}

function spread(values: readonly number[]): string {
  return `${short(median(values))} (${short(quantile(values, 0.25))}–${short(quantile(values, 0.75))})`;
}

function ratioText(ratio: number): string {
  return ratio.toFixed(ratio < 9.95 ? 2 : 0);
}

function short(value: number): string {
  return value.toFixed(Math.abs(value) < 9.95 ? 1 : 0);
}

function failuresOf({ condition, lanes, outcomes }: Row<Labelled>): string[] {
  return lanes.flatMap(({ label }, index) => {
    const all = outcomes[index] ?? [];
    const errors = all.flatMap((outcome) => ("error" in outcome ? [outcome.error] : []));
    if (errors.length === 0) return [];
    return [
      `${condition}, ${label}: ${errors.length} of ${all.length} rounds failed: ${[...new Set(errors)].join("; ")}`,
    ];
  });
}
