import type { Schema } from "./schemas.ts";

/**
 * One input or output of an endpoint.
 *
 * An object that is used twice is one component: a `state` that is both in `inputs` and in `outputs` is kept between calls.
 */
export interface Component {
  /** Gradio's name of the component: `"textbox"`, `"number"` … */
  readonly type: string;
  /** Properties in `/config`: `label`, `value` and all others that were given. */
  readonly props: Readonly<Record<string, unknown>>;
  /** Whether callers neither send nor receive its value, as with `state`. */
  readonly skipApi: boolean;
  /** JSON schema of its value in `/info`. */
  readonly schema: Schema;
  /** Python type of its value in `/info`. */
  readonly pythonType: string;
  /** Example value in `/info`. */
  readonly example: unknown;
  /** Converts a value that a caller sent to what the function receives. Throws to reject it. */
  readonly receive?: (value: unknown) => unknown;
  /** Converts a value that the function returned to what callers receive. */
  readonly send?: (value: unknown) => unknown;
  /** `"one"`: callers send one `FileData`; `"many"`: a list of them; absent: the component takes no files. */
  readonly files?: "one" | "many";
  /** Whether its files have a `size` in outputs. Default `false`. */
  readonly tellsSize?: boolean;
  /** Whether a changed value is sent whole, and not as edits, while a generator runs. */
  readonly whole?: boolean;
}

/** Options of every component function. */
export interface ComponentOptions {
  /** Initial value; it is also the parameter's default. */
  value?: unknown;
  /** All others become properties in `/config`. */
  [property: string]: unknown;
}

/** Definition of a kind of component. */
export interface ComponentKind extends Partial<Omit<Component, "type" | "props">> {
  schema: Schema;
}

/** Creates a component of a kind that has no function of its own in this package. */
export function component(
  type: string,
  label: string | undefined,
  options: ComponentOptions,
  kind: ComponentKind,
): Component {
  const shown = label === undefined ? {} : { label, show_label: true };
  const props = { ...options, ...shown, visible: true, name: type, _selectable: false };
  return { type, skipApi: false, pythonType: "Any", example: null, ...kind, props };
}
