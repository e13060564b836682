import { addition, edit, step, type Table, table } from "../values.ts";
import { check } from "./measure.ts";

/** Checks count, order and content of the outputs of `/steps`. */
export function checkSteps(values: readonly unknown[], outputs: number, repeats: boolean): void {
  const own = once(values, outputs, repeats);
  check(
    own.every((value, index) => value === step(index)),
    "The steps came in another order, or are other ones.",
  );
}

/** Checks the whole text of `/grow` and its number of outputs. */
export function checkGrown(text: string, count: number, outputs: number, repeats: boolean): void {
  check(count === outputs || (repeats && count === outputs + 1), `${count} outputs came in place of ${outputs}.`);
  const whole = Array.from({ length: outputs }, (_, index) => addition(index)).join("");
  check(text === whole, "The text is another one.");
}

/** Returns the number of outputs of `/table` that changed after they were emitted. */
export function changedLater(values: readonly unknown[], outputs: number, repeats: boolean): number {
  const own = once(values, outputs + 1, repeats) as Table[];
  const score = (at: Table, index: number): number => {
    const { group, row } = edit(index);
    return at.groups[group]!.rows[row]!.score;
  };
  check(score(own.at(-1)!, outputs - 1) === edit(outputs - 1).score, "The last edit is missing.");
  const now = table();
  let changed = 0;
  own.forEach((value, position) => {
    if (position > 0) {
      const { group, row, score: given } = edit(position - 1);
      now.groups[group]!.rows[row]!.score = given;
    }
    // Cells that later edits change must keep their values.
    const same = Array.from({ length: outputs }, (_, index) => score(value, index) === score(now, index));
    if (same.includes(false)) changed++;
  });
  return changed;
}

function once(values: readonly unknown[], outputs: number, repeats: boolean): readonly unknown[] {
  const own = repeats && values.length === outputs + 1 ? values.slice(0, -1) : values;
  check(own.length === outputs, `${values.length} outputs came in place of ${outputs}.`);
  return own;
}
