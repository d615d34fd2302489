import { messageOf, startChild, stopChild } from "./child.ts";
import type { ContenderName } from "./contenders/contender.ts";
import type { Target } from "./target.ts";
import type { Outcome, Task } from "./task.ts";
import { turnsOf } from "./turns.ts";

/** A contender in a row of a table. */
export interface Lane {
  readonly contender: ContenderName;
  readonly label: string;
}

export interface RoundsPlan {
  readonly target: Target;
  readonly lanes: readonly Lane[];
  readonly rounds: number;
  /** The task of a round; round 0 is the warm-up and does not count. */
  readonly taskOf: (round: number) => Task;
  /** Where the contenders leave their CPU profiles; empty for none. */
  readonly profileFolder: string;
}

/**
 * Runs all lanes in turn, round by round: the outcomes of each, by round.
 *
 * Each lane keeps one process for all rounds of one row. In one process for all, the garbage and the call sites that
 * one contender made polymorphic would be the next one's cost; in a new process per round, most of the time would go
 * to code that is not compiled yet. While one runs, the others only sleep.
 */
export async function runRounds(plan: RoundsPlan): Promise<Outcome[][]> {
  const { target, lanes, rounds, taskOf, profileFolder } = plan;
  const children = await Promise.all(
    lanes.map(async ({ contender }) => {
      const { child } = await startChild("worker.ts", [contender, JSON.stringify(target), profileFolder]);
      return child;
    }),
  );
  const outcomes = lanes.map((): Outcome[] => []);
  try {
    for (let round = 0; round <= rounds; round += 1) {
      for (const index of turnsOf(round, lanes.length)) {
        const child = children[index];
        if (!child) continue;
        const answer = messageOf(child);
        child.send(taskOf(round));
        const outcome = (await answer) as Outcome;
        if (round > 0) outcomes[index]?.push(outcome);
      }
    }
  } finally {
    await Promise.all(children.map(stopChild));
  }
  return outcomes;
}
