import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { SpreadProjects } from "./test/servers/sequencer.ts";
import { projects, resolve } from "./vitest.workspace.ts";

export default defineConfig({
  // For the setup files, which run on the packages' sources like everything else.
  resolve,
  environments: { __vitest__: { resolve } },
  test: {
    projects,
    globalSetup: ["test/servers/setup.ts"],
    passWithNoTests: false,
    allowOnly: false,
    // vitest leaves one processor unused. On two processors it would run one file at a time, although most files wait for servers.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    sequence: { sequencer: SpreadProjects },
    // Below the line of a file, only tests that take longer are named.
    slowTestThreshold: 10_000,
    coverage: { provider: "v8", include: ["packages/*/src/**/*.ts"] },
  },
});
