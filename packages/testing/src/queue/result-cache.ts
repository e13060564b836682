import type { StepOutput } from "../call/step.ts";
import type { Dependency } from "../describe/model.ts";

/** Results of endpoints with `cache: true`, by input. */
export interface ResultCache {
  get(dependency: Dependency, data: readonly unknown[]): StepOutput | undefined;
  /** Keeps a result, if the endpoint has `cache: true`. */
  set(dependency: Dependency, data: readonly unknown[], output: StepOutput): void;
}

/** Creates an empty cache. */
export function createResultCache(): ResultCache {
  const results = new Map<Dependency, Map<string, StepOutput>>();
  return {
    get: (dependency, data) => results.get(dependency)?.get(JSON.stringify(data)),
    set(dependency, data, output) {
      if (dependency.options.cache !== true) return;
      const known = results.get(dependency) ?? new Map<string, StepOutput>();
      results.set(dependency, known.set(JSON.stringify(data), output));
    },
  };
}
