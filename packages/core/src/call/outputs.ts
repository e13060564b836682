import type { DataEvent } from "../events.ts";

/** A text that grows from output to output, as it is by now. */
interface Text {
  whole: string;
}

/** What outputs in a row may have in common. */
interface About extends Omit<DataEvent, "type" | "data" | "outputs"> {
  text: Text | null;
}

/** How many outputs may be let go before their places are given up. */
const EMPTY = 1_000;

/**
 * The outputs of one call, remembered in little room: what some in a row have in common is kept once, and of a text that grows
 * how long it was each time; texts of their own would take the square of what came. Events are made anew for those who come late.
 *
 * Outputs are counted from 0, and let go in that order.
 */
export class Outputs<T> {
  /** Of each output the value; or its length, where the text grew; or the whole event, where it has other outputs than its data. */
  #values: unknown[] = [];
  /** `null` where the value is the event. */
  #abouts: (About | null)[] = [];
  /** How many there have been, and the number of the oldest that is remembered; not to be set from outside. */
  count = 0;
  first = 0;
  /** How many of those that were let go have no places any more. */
  #gone = 0;
  #about: About | null = null;
  /** The text that the last output was part of; `null` where it was none that grew. */
  #text: Text | null = null;

  /**
   * Remembers one more.
   *
   * @param grown - whether it is a text that goes on from the one before.
   * @returns its number.
   */
  add(event: DataEvent<T>, grown: boolean): number {
    const { data, outputs, time, changed, eventId, final } = event;
    const isValue = outputs.length === 1 && outputs[0] === data;
    const text = isValue && grown ? this.#grow(data as string) : null;
    this.#text = text;
    this.#values.push(text ? text.whole.length : isValue ? data : event);
    let about = this.#about;
    if (
      !about ||
      about.time !== time ||
      about.changed !== changed ||
      about.eventId !== eventId ||
      about.text !== text ||
      about.final !== final
    )
      this.#about = about = { endpoint: event.endpoint, fnIndex: event.fnIndex, eventId, time, final, changed, text };
    this.#abouts.push(isValue ? about : null);
    return this.count++;
  }

  /** The event of an output as it was told; `null` where it was let go. */
  at(number: number): DataEvent<T> | null {
    if (number < this.first) return null;
    const value = this.#values[number - this.#gone];
    const about = this.#abouts[number - this.#gone];
    if (!about) return value as DataEvent<T>;
    const { endpoint, fnIndex, eventId, time, final, changed, text } = about;
    const data = (text ? text.whole.slice(0, value as number) : value) as T;
    return { type: "data", endpoint, fnIndex, eventId, time, data, outputs: [data], final, changed };
  }

  /** Lets the oldest one go. */
  forget(): void {
    const place = this.first++ - this.#gone;
    this.#values[place] = null;
    this.#abouts[place] = null;
    if (place < EMPTY) return;
    this.#values = this.#values.slice(place + 1);
    this.#abouts = this.#abouts.slice(place + 1);
    this.#gone = this.first;
  }

  #grow(whole: string): Text {
    if (this.#text) {
      this.#text.whole = whole;
      return this.#text;
    }
    const text = { whole };
    // The one before was its beginning.
    const last = this.#values.length - 1;
    const [value, about] = [this.#values[last], this.#abouts[last]];
    if (about && typeof value === "string") {
      this.#values[last] = value.length;
      this.#abouts[last] = { ...about, text };
    }
    return text;
  }
}
