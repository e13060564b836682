import type { DataEvent, JobEvent } from "../events.ts";

/** How a job ended. */
export type Outcome<T> = { ok: true; result: T } | { ok: false; error: unknown };

/** Somebody who is told everything that happens to a job, from the start. */
export interface Reader<T> {
  event(event: JobEvent<T>): void;
  end(outcome: Outcome<T>): void;
}

/** One reader, and how far it has read. */
interface Place<T> {
  reader: Reader<T>;
  /** Position in the log of what it is to be told next. */
  next: number;
  busy: boolean;
  /** Whether it has stopped, or was told the end. */
  gone: boolean;
}

/** A text that grew from output to output. */
interface Text<T> {
  /** The first of these outputs. */
  first: DataEvent<T>;
  /** As it is by now. */
  whole: string;
}

/** An output that is remembered by how long the text was then: texts of their own would be many times as much. */
class Beginning<T> {
  readonly #text: Text<T>;
  readonly #length: number;
  readonly #rest: Pick<DataEvent, "time" | "changed">;

  constructor(text: Text<T>, { data, time, changed }: DataEvent<T>) {
    this.#text = text;
    this.#length = (data as string).length;
    this.#rest = { time, changed };
  }

  /** The event as it was told. */
  event(): DataEvent<T> {
    const data = this.#text.whole.slice(0, this.#length) as T;
    return { ...this.#text.first, ...this.#rest, data, outputs: [data] };
  }
}

/**
 * What has happened to one call, and who is told of it: append-only, with readers that each see everything in order.
 *
 * What a reader causes while it handles an event is appended at once and told afterwards: every reader has had the event
 * before it hears of what followed from it.
 */
export class Log<T> {
  readonly #keepOutputs: number;
  /** `null` where an output stood that was let go. */
  readonly #events: (JobEvent<T> | Beginning<T> | null)[] = [];
  /** Positions of the outputs that are remembered, oldest first from `#firstKept` on. */
  #kept: number[] = [];
  #firstKept = 0;
  /** The text that the last outputs were; `null` where they were none, or had nothing to do with each other. */
  #text: Text<T> | null = null;
  /** How many of them belong to a run that was lost: nobody is to see them any more. */
  #stale = 0;
  /** Another list each time that somebody comes or goes: the one that is being gone through stays as it is. */
  #places: readonly Place<T>[] = [];
  #told = 0;
  #telling = false;
  #outcome: Outcome<T> | null = null;
  #endTold = false;
  readonly #onEnd: (outcome: Outcome<T>) => void;

  /**
   * @param keepOutputs - how many outputs late readers get.
   * @param onEnd - called once, after every reader was told of the end.
   */
  constructor(keepOutputs: number, onEnd: (outcome: Outcome<T>) => void) {
    this.#keepOutputs = keepOutputs;
    this.#onEnd = onEnd;
  }

  /** How the call ended; `null` while it has not. */
  get outcome(): Outcome<T> | null {
    return this.#outcome;
  }

  /** Whether everybody was told how it ended. */
  get settled(): boolean {
    return this.#endTold;
  }

  /** The outputs that are remembered. */
  outputs(): T[] {
    return this.#kept.slice(this.#firstKept + this.#stale).map((position) => (this.#at(position) as DataEvent<T>).data);
  }

  /**
   * @param anew - the call starts again: the outputs before belong to a run that was lost. Default `false`.
   * @param grown - it is an output whose text goes on from the one before. Default `false`.
   */
  append(event: JobEvent<T>, anew = false, grown = false): void {
    if (anew) this.#stale = this.#kept.length - this.#firstKept;
    const before = this.#kept.at(-1);
    this.#events.push(event);
    if (event.type === "data") {
      this.#kept.push(this.#events.length - 1);
      if (!grown) this.#text = null;
    }
    this.#tell();
    if (grown && event.type === "data" && before !== undefined) this.#shorten(before, event.data);
    this.#letGo();
  }

  /** Of a text that goes on, the output before is remembered by its length. */
  #shorten(position: number, whole: T): void {
    const before = this.#events[position] as DataEvent<T> | null;
    if (!before) return;
    this.#text ??= { first: before, whole: "" };
    this.#text.whole = whole as string;
    this.#events[position] = new Beginning(this.#text, before);
  }

  #at(position: number): JobEvent<T> | null {
    const event = this.#events[position] ?? null;
    return event instanceof Beginning ? event.event() : event;
  }

  end(outcome: Outcome<T>): void {
    this.#outcome ??= outcome;
    this.#tell();
  }

  /**
   * Tells a reader all that is past, inside this call, and from then on what happens.
   *
   * @returns a function that stops it.
   */
  read(reader: Reader<T>): () => void {
    const place: Place<T> = { reader, next: 0, busy: false, gone: false };
    this.#places = [...this.#places, place];
    this.#catchUp(place);
    if (this.#endTold) this.#leave(place, this.#outcome);
    return () => this.#leave(place, null);
  }

  /** Event by event, each to all readers, before the next one to any. */
  #tell(): void {
    if (this.#telling) return;
    this.#telling = true;
    while (this.#told < this.#events.length) {
      this.#told++;
      for (const place of this.#places) this.#catchUp(place);
    }
    this.#telling = false;
    if (this.#outcome && !this.#endTold) this.#tellEnd(this.#outcome);
  }

  #tellEnd(outcome: Outcome<T>): void {
    this.#endTold = true;
    for (const place of this.#places) {
      // One that is in the middle of its own past is told by whoever shows it the past.
      if (!place.busy) this.#leave(place, outcome);
    }
    this.#onEnd(outcome);
  }

  /** @param outcome - what the reader is told in leaving; `null` when it leaves by itself. */
  #leave(place: Place<T>, outcome: Outcome<T> | null): void {
    if (place.gone) return;
    place.gone = true;
    this.#places = this.#places.filter((one) => one !== place);
    if (outcome) place.reader.end(outcome);
  }

  #catchUp(place: Place<T>): void {
    if (place.busy) return;
    place.busy = true;
    while (place.next < this.#told && !place.gone) {
      const event = this.#at(place.next++);
      if (event) place.reader.event(event);
    }
    place.busy = false;
  }

  /** Forgets the oldest outputs beyond what is to be remembered; those who listen have had them. */
  #letGo(): void {
    while (this.#stale > 0 || this.#kept.length - this.#firstKept > this.#keepOutputs) {
      const position = this.#kept[this.#firstKept]!;
      // Not yet told, as its reader is in the middle of another event: it goes with the next one.
      if (position >= this.#told) return;
      this.#events[position] = null;
      this.#firstKept++;
      if (this.#stale > 0) this.#stale--;
    }
    if (this.#firstKept > 1_000) {
      this.#kept = this.#kept.slice(this.#firstKept);
      this.#firstKept = 0;
    }
  }
}
