import type { Change, DataEvent } from "../events.ts";
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

/** One output that is kept. */
interface Entry {
  /** Position among all events of the call. */
  readonly position: number;
  /** The event. Dropped when every reader has received it, unless the output was sent whole: an entry without an event has edits. */
  event: DataEvent | null;
  readonly edits: OutputEdits | null;
  /** Changed places of the event. They cannot be computed from the edits, because those of a relay may differ from those of the app. */
  readonly changed: Change[] | null;
  readonly time: Date;
  readonly from: Source;
}

/** Fields that the events of one run share. */
type Source = Pick<DataEvent, "endpoint" | "fnIndex" | "eventId">;

/** Content of an output, and the places that changed. */
type Content = OutputValues & { readonly changed: Change[] | null };

/** Place of a reader that rebuilds outputs: the number of an output, and its content. */
export interface OutputCursor {
  number: number;
  content: Content;
}

/** Number of dropped entries at which the array is compacted. */
const COMPACT_AT = 1_000;

const empty: Content = { ...noOutputs, changed: null };

/** Creates a cursor before the first output. */
export function outputCursor(): OutputCursor {
  return { number: -1, content: empty };
}

/**
 * The outputs of one call, kept as the app's edits: an output costs what came over the wire, not the size of its value. A
 * late reader rebuilds the events one after the other.
 *
 * Outputs are numbered from 0, and forgotten from the oldest on.
 */
export class KeptOutputs {
  /** Entries from number `#removed` on; those before `#first` are forgotten. */
  #entries: Entry[] = [];
  #removed = 0;
  #first = 0;
  /** Number of the first output that not every reader has received. */
  #unsettled = 0;
  /** Content of the oldest kept output. */
  #oldest: Content = empty;

  /** Number of the oldest kept output. */
  get first(): number {
    return this.#first;
  }

  /** Number of outputs that are kept. */
  get size(): number {
    return this.end - this.#first;
  }

  /** Number that the next output will have. */
  get end(): number {
    return this.#removed + this.#entries.length;
  }

  /** Keeps an output. */
  add(position: number, event: DataEvent, edits: OutputEdits | null): void {
    const { endpoint, fnIndex, eventId, changed, time } = event;
    const last = this.#entries.at(-1)?.from;
    const from = last?.eventId === eventId ? last : { endpoint, fnIndex, eventId };
    this.#entries.push({ position, event, edits, changed, time, from });
    if (this.size === 1) this.#oldest = contentOf(event);
  }

  /** Returns the number of the first kept output at or behind a position; {@link end} where no output follows. */
  find(position: number): number {
    let low = this.#first;
    let high = this.end;
    // Nearly every search is for the newest output.
    if (high === low || this.positionOf(high - 1) < position) return high;
    if (high - 1 === low || this.positionOf(high - 2) < position) return high - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.positionOf(middle) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Returns the position of an output; `Infinity` for one that has not arrived. */
  positionOf(number: number): number {
    return this.#entries[number - this.#removed]?.position ?? Infinity;
  }

  /** Returns the event of a kept output. An event that was dropped is rebuilt, and the cursor moves to it. */
  read(number: number, cursor: OutputCursor): DataEvent {
    const { event, time, from } = this.#entry(number);
    if (event) return event;
    if (cursor.number < this.#first) {
      cursor.number = this.#first;
      cursor.content = this.#oldest;
    }
    while (cursor.number < number) cursor.content = follow(cursor.content, this.#entry(++cursor.number));
    const { outputs, changed } = cursor.content;
    const data = dataOf(cursor.content);
    return { type: "data", ...from, time, data, outputs: outputs.slice(), final: false, changed };
  }

  /** Returns the data of every kept output at or behind a position, oldest first. */
  data(position: number): unknown[] {
    const cursor = outputCursor();
    const all: unknown[] = [];
    for (let number = this.find(position); number < this.end; number++) all.push(this.read(number, cursor).data);
    return all;
  }

  /** Drops the events up to a position, which every reader has received. Of outputs that were sent as edits, only the edits are kept. */
  settle(position: number): void {
    for (; this.positionOf(this.#unsettled) <= position; this.#unsettled++) {
      const entry = this.#entry(this.#unsettled);
      if (entry.edits) entry.event = null;
    }
  }

  /** Forgets the oldest output. Every reader has received it. */
  forget(): void {
    this.#first++;
    this.#oldest = this.size === 0 ? empty : follow(this.#oldest, this.#entry(this.#first));
    const forgotten = this.#first - this.#removed;
    if (this.size > 0 && forgotten < COMPACT_AT) return;
    this.#entries = this.#entries.slice(forgotten);
    this.#removed = this.#first;
  }

  #entry(number: number): Entry {
    return this.#entries[number - this.#removed]!;
  }
}

function contentOf({ outputs, data, changed }: DataEvent): Content {
  return { outputs, values: outputs.length === 1 ? [data] : Array.isArray(data) ? data : [], changed };
}

function follow(before: Content, { event, edits, changed }: Entry): Content {
  if (event) return contentOf(event);
  return { ...editOutputs(before, edits!), changed };
}
