import { fileURLToPath } from "node:url";
import { playwright } from "@vitest/browser-playwright";
import type { TestProjectConfiguration, TestProjectInlineConfiguration, TestUserConfig } from "vitest/config";
import type { Place } from "./test/servers/control.ts";
import { newest, versions } from "./test/servers/versions.ts";

// Vitest 4 and later no longer look for this file: vitest.config.ts imports it.
export const resolve = { conditions: ["@gradio-rx/source"] };

/** Debian's Chromium, without a window. */
function chromium(name: string): NonNullable<TestUserConfig["browser"]> {
  return {
    enabled: true,
    headless: true,
    screenshotFailures: false,
    provider: playwright({
      launchOptions: {
        executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
        args: ["--no-sandbox", "--disable-dev-shm-usage"],
      },
    }),
    instances: [{ browser: "chromium", name }],
  };
}

/** Specs in Node. */
function node(name: string, include: string[], place?: Place, groupOrder = 0): TestProjectInlineConfiguration {
  return {
    resolve,
    ssr: { resolve },
    test: { name, environment: "node", include, sequence: { groupOrder }, ...(place && contract(place)) },
  };
}

/** The same in a page of real Chromium, whose origin is another one than the app's: CORS is really exercised. */
function browser(name: string, include: string[], place?: Place): TestProjectInlineConfiguration {
  return {
    resolve: { conditions: [...resolve.conditions, "browser"] },
    // Named from the package that has them, or Vite cannot resolve them and reloads the page in mid-run.
    optimizeDeps: {
      include: [
        "@gradio-rx/core > rxjs",
        "@gradio-rx/core > eventsource-parser",
        "@gradio-rx/core > ky",
        "@gradio-rx/core > leven",
        "fast-check",
      ],
    },
    test: { name, include, browser: chromium(name), ...(place && contract(place)) },
  };
}

/** Specs of a front end in a page, with the framework in the middle of its own renders. */
function frontEnd(name: string, folder: string, include: string[]): TestProjectInlineConfiguration {
  const project = browser(name, [`packages/${folder}/spec/*.spec.ts`]);
  const base = project.optimizeDeps?.include ?? [];
  return {
    ...project,
    cacheDir: `.cache/vite/${name}`,
    // Flags that Vue's build for bundlers wants to be told.
    define: {
      __VUE_OPTIONS_API__: "true",
      __VUE_PROD_DEVTOOLS__: "false",
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "true",
    },
    optimizeDeps: { include: [...base.filter((dependency) => dependency !== "fast-check"), ...include] },
  };
}

/** The same specs with React 18 in place of React 19. It has neither `Activity` nor `use`. */
function withReact18(project: TestProjectInlineConfiguration): TestProjectInlineConfiguration {
  const alias = Object.fromEntries(
    ["react", "react-dom"].map((name) => [
      name,
      fileURLToPath(new URL(`test/react-18/node_modules/${name}`, import.meta.url)),
    ]),
  );
  return {
    ...project,
    resolve: { ...project.resolve, alias },
    test: { ...project.test, exclude: ["packages/react/spec/react-19.spec.ts"] },
  };
}

const react = ["react", "react-dom", "react-dom/client", "react-dom/server.browser", "react/jsx-runtime"];
const query = "@gradio-rx/react > @tanstack/react-query";

/** A kind of app that tests request. They start it when they first need it, so they are given time. */
function app(place: Place) {
  return { provide: { place }, testTimeout: 120_000, hookTimeout: 60_000 };
}

/** Setup file by which files with the same turn run one at a time, beside the files of other projects. */
const turn = "test/servers/turn.ts";

/** One suite, the same sentences, over one kind of app. Its files share the apps, so they take turns. */
function contract(place: Place) {
  return { ...app(place), provide: { place, turn: place }, setupFiles: [turn] };
}

/** A project whose files take turns with a name. */
const oneByOne = (name: string, project: TestProjectInlineConfiguration): TestProjectInlineConfiguration => ({
  ...project,
  test: { ...project.test, provide: { ...project.test?.provide, turn: name }, setupFiles: [turn] },
});

/** Number of versions of Gradio that run at once. test/servers/control.ts stops the apps of earlier versions. */
const VERSIONS_AT_ONCE = 2;

/** Projects with old versions of Gradio, in Node, after all others. GRADIO_VERSIONS is `none`, `quick` (default) or `all`. */
function generations(): TestProjectConfiguration[] {
  const chosen = process.env["GRADIO_VERSIONS"];
  if (chosen === "none") return [];
  const list = versions(chosen === "all" ? "all" : "quick") as Place[];
  return list
    .filter((version) => version !== newest)
    .map((version, index) =>
      node(
        `contract: node, gradio ${version}`,
        [
          ...suite,
          "test/contract/gradio/capabilities.contract.ts",
          "test/cli/generations.spec.ts",
          // It has a behaviour for each version of the list.
          ...(versions("quick").includes(version) ? ["test/contract/rival/versions.spec.ts"] : []),
          // It takes long, and CI runs it against the newest version alone.
          ...(chosen === "all" ? ["test/contract/node/types.spec.ts"] : []),
        ],
        version,
        1 + Math.floor(index / VERSIONS_AT_ONCE),
      ),
    );
}

const suite = ["test/contract/*.contract.ts"];
/** Tests of features that the embedded app does not have. */
const real = ["test/contract/gradio/*.contract.ts"];

/** A project whose tests start apps and programs. */
const patient = (project: TestProjectInlineConfiguration): TestProjectInlineConfiguration => ({
  ...project,
  test: { ...project.test, testTimeout: 60_000, hookTimeout: 60_000 },
});

/** Tests of faults. They mostly wait, so many run at once. */
const faults = ["test/faults/*.spec.ts"];
const many = (project: TestProjectInlineConfiguration): TestProjectConfiguration => ({
  ...project,
  test: {
    ...project.test,
    provide: { ...project.test?.provide, allFaults: process.env["FAULTS"] === "all" },
    maxConcurrency: 12,
  },
});

/** Specs of the command line, which take no turns: most of them start apps of their own. */
const commandLine = (name: string, include: string[]): TestProjectInlineConfiguration => {
  const project = node(name, include);
  return { ...project, test: { ...project.test, ...app(newest as Place) } };
};

/** The same project without some files, which another project has. */
const without = (project: TestProjectInlineConfiguration, exclude: string[]): TestProjectInlineConfiguration => ({
  ...project,
  test: { ...project.test, exclude },
});

/** Specs of the command line that take long: each command of its help and of its README, generated types, tools, and batches. */
const longCommands = [
  "test/cli/{batch-redis,batch-store,examples,generations,mcp,recordings,typegen}.spec.ts",
  "test/cli/migrate/{fixtures,repository}.spec.ts",
];
/** Specs of batches that take long: kills of their processes, and many random schedules. */
const longBatches = ["packages/batch/spec/node/{deaths,faults,kills,model,redis}.spec.ts"];

export const projects: TestProjectConfiguration[] = [
  without(
    node("specs in node", [
      "packages/{core,node,testing}/src/**/*.spec.ts",
      "packages/*/spec/node/**/*.spec.ts",
      "test/house/**/*.spec.ts",
    ]),
    longBatches,
  ),
  node("batches", longBatches),
  node("counts of the bench", ["bench/**/*.spec.ts"]),
  without(commandLine("command line", ["packages/cli/src/**/*.spec.ts", "test/cli/**/*.spec.ts"]), longCommands),
  commandLine("command line: documents, types, batches", longCommands),
  browser("specs in chromium", ["packages/{core,web}/src/**/*.spec.ts"]),
  frontEnd("front end: react 19", "react", [query, ...react.map((name) => `@gradio-rx/react > ${name}`)]),
  withReact18(frontEnd("front end: react 18", "react", [query, ...react])),
  frontEnd(
    "front end: vue",
    "vue",
    ["vue", "@vue/server-renderer", "@tanstack/vue-query"].map((name) => `@gradio-rx/vue > ${name}`),
  ),
  node("contract: node, embedded app", suite, "embedded"),
  node("contract: node, real gradio", [...suite, ...real], newest as Place),
  node("programs: node, real gradio", ["test/contract/node/**/*.spec.ts"], newest as Place),
  browser("contract: chromium, embedded app", [...suite, "test/contract/browser/**/*.spec.ts"], "embedded"),
  browser("contract: chromium, real gradio", [...suite, ...real], newest as Place),
  ...generations(),
  many(node("faults: node, embedded app", faults, "embedded")),
  node("faults: a crowd, embedded app", ["test/faults/crowd/*.spec.ts"], "embedded"),
  many(node("faults: node, real gradio", [...faults, "test/faults/servers/*.spec.ts"], newest as Place)),
  many(browser("faults: chromium, embedded app", faults, "embedded")),
  node("security", ["test/security/**/*.spec.ts"]),
  oneByOne("examples", patient(node("examples", ["demo/**/*.spec.ts", "examples/**/*.spec.ts"]))),
  patient(node("docs", ["docs/samples/*.spec.ts"])),
  node("fuzzing", ["test/fuzz/**/*.spec.ts"]),
  node("leaks", ["test/leaks/**/*.spec.ts"]),
  node("environments", ["test/environments/**/*.spec.ts"]),
  oneByOne(
    "consumers",
    node("consumers of the packed packages", ["test/consumers/**/*.spec.ts", "test/bundlers/**/*.spec.ts"]),
  ),
];
