import { availableParallelism } from "node:os";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./tools/checks/src/longest-first.ts";
import { chromiumArguments, findChromium } from "./tools/conformance/src/chromium.ts";

const executablePath = findChromium();

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // Projects are environments, not packages.
    projects: [
      {
        ssr: { resolve: { conditions: ["@podwire/source", "node", "import"] } },
        test: {
          name: "node",
          // More than can compute at a time: tests also wait.
          maxWorkers: availableParallelism() + 2,
          // Loading all of it again for each file takes longer than most files' tests.
          isolate: false,
          include: ["{packages,tools}/*/test/**/*.test.ts"],
          exclude: ["**/*.{alone,browser,clients,cluster,killing,runtimes}.test.ts", "**/node_modules/**"],
          // A hang still fails, and a busy machine does not.
          testTimeout: 20_000,
          hookTimeout: 30_000,
          typecheck: {
            enabled: true,
            checker: "node_modules/typescript7/bin/tsc",
            include: ["{packages,tools}/*/test/**/*.test-d.ts"],
          },
        },
      },
      {
        // They look at how long something takes, or at what is left, and have the machine to themselves.
        ssr: { resolve: { conditions: ["@podwire/source", "node", "import"] } },
        test: {
          name: "alone",
          include: ["{packages,tools}/*/test/**/*.alone.test.ts"],
          testTimeout: 20_000,
          hookTimeout: 30_000,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Other people's clients, which have to be installed.
        ssr: { resolve: { conditions: ["@podwire/source", "node", "import"] } },
        test: {
          name: "clients",
          include: ["{packages,tools}/*/test/**/*.clients.test.ts"],
          testTimeout: 90_000,
          hookTimeout: 90_000,
        },
      },
      {
        // Every runtime that the README names, over the packages as they are built.
        ssr: { resolve: { conditions: ["@podwire/source", "node", "import"] } },
        test: {
          name: "runtimes",
          include: ["{packages,tools}/*/test/**/*.runtimes.test.ts"],
          testTimeout: 90_000,
          hookTimeout: 120_000,
        },
      },
      {
        ssr: { resolve: { conditions: ["@podwire/source", "node", "import"] } },
        test: {
          name: "cluster",
          // Its Pods compute on the same machine.
          maxWorkers: "100%",
          include: ["{packages,tools}/*/test/**/*.cluster.test.ts"],
          testTimeout: 90_000,
          hookTimeout: 90_000,
        },
      },
      {
        // They kill programs of the cluster that they are given, which has to be theirs alone.
        ssr: { resolve: { conditions: ["@podwire/source", "node", "import"] } },
        test: {
          name: "killing",
          include: ["{packages,tools}/*/test/**/*.killing.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 90_000,
        },
      },
      {
        resolve: { conditions: ["@podwire/source", "browser", "import"] },
        test: {
          name: "browser",
          maxWorkers: "100%",
          sequence: { groupOrder: 2 },
          include: ["{packages,tools}/*/test/**/*.browser.test.ts"],
          globalSetup: ["./tools/conformance/src/browser-setup.ts"],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            api: { host: "127.0.0.1" },
            instances: [{ browser: "chromium" }],
            provider: playwright({
              launchOptions: {
                ...(executablePath && { executablePath }),
                args: [...chromiumArguments],
              },
            }),
          },
        },
      },
    ],
  },
});
