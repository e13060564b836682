import type { Change } from "../events.ts";
import { isFields } from "../fields.ts";
import { applyEdits, type Path } from "../wire/diff.ts";
import type { OutputEdits } from "./messages.ts";

/** The visible outputs of a call at one event, and the values that its reader receives. Values are never changed in place. */
export interface OutputValues {
  /** One element for each visible output; component updates are whole. */
  readonly outputs: unknown[];
  /** The same, with component updates replaced by their values. The same array where no output is an update. */
  readonly values: readonly unknown[];
}

/** The outputs of a call before its first event. */
export const noOutputs: OutputValues = { outputs: [], values: [] };

/**
 * Returns the outputs after an event that contained all of them.
 *
 * @param before - outputs of the event before: a component update without a value keeps the value that it had there.
 */
export function replaceOutputs(before: OutputValues, outputs: unknown[]): OutputValues {
  for (const output of outputs)
    if (typeof output === "object" && isUpdate(output))
      return { outputs, values: outputs.map((one, index) => valueOf(one, before.values[index])) };
  return { outputs, values: outputs };
}

/** Returns the outputs after edits. */
export function editOutputs(before: OutputValues, edits: OutputEdits): OutputValues {
  const outputs = before.outputs.slice();
  edits.forEach((list, output) => {
    if (list) outputs[output] = applyEdits(outputs[output], list).value;
  });
  return replaceOutputs(before, outputs);
}

/** Changes of an event that changed no output. */
export const unchanged: Change[] = [];

/** Returns a list of changes with those of one output added. The list is shared where it holds only the change of one whole output. */
export function withChanges(changed: Change[], output: number, paths: readonly Path[]): Change[] {
  if (paths.length === 0) return changed;
  const isWhole = paths.length === 1 && paths[0]!.length === 0;
  const here = isWhole ? (wholes[output] ??= [{ output, path: paths[0]! }]) : paths.map((path) => ({ output, path }));
  return changed === unchanged ? here : changed.concat(here);
}

/** Changes of whole outputs, by the position of the output. All events share them. */
const wholes: Change[][] = [];

/** Returns the result for the caller: the value of one output, an array of several, `null` without outputs. */
export function dataOf({ values }: OutputValues): unknown {
  if (values.length === 0) return null;
  return values.length === 1 ? values[0] : values;
}

function isUpdate(output: unknown): output is Record<string, unknown> {
  return isFields(output) && output["__type__"] === "update";
}

function valueOf(output: unknown, before: unknown): unknown {
  if (!isUpdate(output)) return output;
  return "value" in output ? output["value"] : (before ?? null);
}
