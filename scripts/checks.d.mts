/** A test that did not pass. */
export interface Failure {
  project: string;
  file: string;
  name: string;
  state: string;
}

/** Returns lines about failed checks and tests, with the commands that run them alone. */
export function summary(failed: readonly string[], failures: readonly Failure[]): string[];

/** Names of the checks, in the order in which they run. */
export const checkNames: readonly string[];
