import type { StepOutput } from "../call/step.ts";
import type { Dependency } from "../describe/model.ts";

/** Results of endpoints with `cache: true`, by their inputs. */
export interface ResultCache {
  get(dependency: Dependency, data: readonly unknown[]): StepOutput | undefined;
  /** Remembers a result, where the endpoint wants that. */
  set(dependency: Dependency, data: readonly unknown[], output: StepOutput): void;
}

/** Starts with none. */
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
