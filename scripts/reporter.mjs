// Reporter for vitest that writes the outcome of every test, with its project, as JSON to the file in VITEST_OUTCOME.
import { writeFileSync } from "node:fs";

export default class OutcomeReporter {
  onTestRunEnd(modules, unhandledErrors) {
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
