// Reporter for vitest. Each line of a file says how many of all files have ended, and after which time. It writes the outcome of every test,
// with its project, as JSON to the file in VITEST_OUTCOME.
import { writeFileSync } from "node:fs";
import { DefaultReporter } from "vitest/node";

export default class OutcomeReporter extends DefaultReporter {
  #files = 0;
  #ended = 0;

  onTestRunStart(specifications) {
    this.#files = specifications.length;
    this.#ended = 0;
    super.onTestRunStart(specifications);
  }

  printTestModule(testModule) {
    this.#ended++;
    super.printTestModule(testModule);
  }

  getEntityPrefix(entity) {
    const prefix = super.getEntityPrefix(entity);
    if (entity.type !== "module") return prefix;
    const seconds = Math.round((performance.now() - this.start) / 1000);
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    return `[${this.#ended}/${this.#files} ${time}] ${prefix}`;
  }

  onTestRunEnd(modules, unhandledErrors, reason) {
    super.onTestRunEnd(modules, unhandledErrors, reason);
    const outcomes = modules.flatMap((module) => {
      const { relativeModuleId: file } = module;
      const project = module.project.name;
      const tests = Array.from(module.children.allTests(), (test) => ({
        project,
        file,
        name: test.fullName,
        state: test.result().state,
        meta: test.meta(),
      }));
      const broken = module.errors().length > 0 || tests.length === 0;
      return broken
        ? [...tests, { project, file, name: "(the file does not load)", state: "failed", meta: {} }]
        : tests;
    });
    const escaped = unhandledErrors.map((error) => ({
      project: "",
      file: "",
      name: `unhandled error: ${String(error.message)}`,
      state: "failed",
      meta: {},
    }));
    writeFileSync(process.env.VITEST_OUTCOME, JSON.stringify([...outcomes, ...escaped]));
  }
}
