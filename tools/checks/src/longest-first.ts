import { BaseSequencer, type TestSequencer, type TestSpecification, type Vitest } from "vitest/node";

/** The files that take longest, the longest of each project first. */
export const longest: readonly string[] = [
  "packages/devserver/test/session.test.ts",
  "packages/devserver/test/session-transports.test.ts",
  "packages/devserver/test/kubectl.test.ts",
  "tools/checks/test/guards.test.ts",
  "packages/devserver/test/session-native.test.ts",
  "packages/client/test/proof/cuts.test.ts",
  "packages/devserver/test/pod-life-kubectl.test.ts",
  "packages/devserver/test/watch-listeners.test.ts",
  "packages/devserver/test/kubectl-streams-devserver.test.ts",
  "packages/devserver/test/probes.test.ts",
  "packages/client/test/slow-readers.cluster.test.ts",
  "packages/client/test/session.cluster.test.ts",
  "packages/devserver/test/kubectl.cluster.test.ts",
  "packages/devserver/test/kubectl-streams.cluster.test.ts",
];

/**
 * Begins with what takes longest, so that no worker has such a file left when the others have none. Vitest knows
 * how long files take from its last run only, which a fresh clone has not.
 */
export class LongestFirst implements TestSequencer {
  readonly #usual: BaseSequencer;

  constructor(vitest: Vitest) {
    this.#usual = new BaseSequencer(vitest);
  }

  shard(files: TestSpecification[]): Promise<TestSpecification[]> {
    return this.#usual.shard(files);
  }

  async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = longest.findIndex((file) => moduleId.endsWith(`/${file}`));
      return index < 0 ? longest.length : index;
    };
    // What is left keeps its order.
    return (await this.#usual.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}
