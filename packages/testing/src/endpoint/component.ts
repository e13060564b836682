import type { Schema } from "./schemas.ts";

/**
 * One input or output of an endpoint.
 *
 * The same object used twice is the same component: a `state` in both `inputs` and `outputs` is what makes it remembered.
 */
export interface Component {
  /** Gradio's name of the kind: `"textbox"`, `"number"` … */
  readonly type: string;
  /** What `/config` says of it: `label`, `value` and whatever else was given. */
  readonly props: Readonly<Record<string, unknown>>;
  /** Whether callers neither send nor receive it, as with `state`. */
  readonly skipApi: boolean;
  /** What `/info` says of its value. */
  readonly schema: Schema;
  /** The name of its value's type in Python, for `/info`. */
  readonly pythonType: string;
  /** What `/info` shows as an example. */
  readonly example: unknown;
  /** What it makes of a value sent by the caller, before the function gets it. May throw. */
  readonly receive?: (value: unknown) => unknown;
  /** What it makes of a value returned by the function, before it goes out. */
  readonly send?: (value: unknown) => unknown;
  /** Files: whether one must be sent (a single `FileData`), or a list. `undefined` = it takes no files. */
  readonly files?: "one" | "many";
  /** Files it sends out: whether their size is told. Default `false`. */
  readonly tellsSize?: boolean;
  /** Whether a changed value is sent again as a whole, never as edits, while it streams. */
  readonly whole?: boolean;
}

/** What every component helper takes besides its label. */
export interface ComponentOptions {
  /** The value at the start, and with it the parameter's default. */
  value?: unknown;
  /** Anything else becomes a property in `/config`. */
  [property: string]: unknown;
}

/** What differs from one kind of component to the next. */
export interface ComponentKind extends Partial<Omit<Component, "type" | "props">> {
  schema: Schema;
}

/** A component of any kind, for kinds without a helper of their own. */
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
