import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Order of the test files in a group of projects: the files of each project are spread over the whole run, the slowest first. Files of one
 * project often wait for each other (turn.ts), so files that run at the same time should be of different projects.
 */
export class SpreadProjects extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- the method of the class
    const sorted = await super.sort(files);
    const byProject = Map.groupBy(sorted, ({ project }) => project);
    const position = new Map<TestSpecification, number>();
    for (const ofProject of byProject.values())
      for (const [index, file] of ofProject.entries()) position.set(file, index / ofProject.length);
    const group = ({ project }: TestSpecification): number => project.config.sequence.groupOrder;
    return sorted.toSorted((a, b) => group(a) - group(b) || position.get(a)! - position.get(b)!);
  }
}
