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
    sequence: { sequencer: SpreadProjects },
    // Below the line of a file, only tests that take longer are named.
    slowTestThreshold: 10_000,
    coverage: { provider: "v8", include: ["packages/*/src/**/*.ts"] },
  },
});
