/** An output that changes properties of its component; result of `gr.update` in Python. */
export type ComponentUpdate = Record<string, unknown> & { __type__: "update" };

/**
 * Changes properties of an output's component, and its value only if `value` is given. Like `gr.update` in Python.
 *
 * @example
 * return update({ value: "done", label: "Result" });
 */
export function update(properties: Record<string, unknown>): ComponentUpdate {
  const given = Object.entries(properties).filter(([key, value]) => key === "value" || value != null);
  return { ...Object.fromEntries(given), __type__: "update" };
}

/** Leaves an output unchanged, like `gr.skip` in Python. A single one as the result leaves all outputs unchanged. */
export function skip(): ComponentUpdate {
  return { __type__: "update" };
}

/** Whether an output is an update rather than a value. */
export function isUpdate(value: unknown): value is ComponentUpdate {
  return typeof value === "object" && value !== null && "__type__" in value && value["__type__"] === "update";
}
