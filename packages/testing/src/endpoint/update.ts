/** An output that changes properties of its component: what `gr.update` returns in Python. */
export type ComponentUpdate = Record<string, unknown> & { __type__: "update" };

/**
 * Changes an output's component, and its value only where `value` is given: what `gr.update` is in Python.
 *
 * @example
 * return update({ value: "done", label: "Result" });
 */
export function update(properties: Record<string, unknown>): ComponentUpdate {
  const given = Object.entries(properties).filter(([key, value]) => key === "value" || value != null);
  return { ...Object.fromEntries(given), __type__: "update" };
}

/** Leaves an output as it is: what `gr.skip` is in Python. One alone stands for every output. */
export function skip(): ComponentUpdate {
  return { __type__: "update" };
}

/** Whether an output is an update and not a value. */
export function isUpdate(value: unknown): value is ComponentUpdate {
  return typeof value === "object" && value !== null && "__type__" in value && value["__type__"] === "update";
}
