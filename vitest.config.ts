import { defineConfig } from "vitest/config";
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
    coverage: { provider: "v8", include: ["packages/*/src/**/*.ts"] },
  },
});
