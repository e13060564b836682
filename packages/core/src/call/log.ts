import type { DataEvent, JobEvent, LogEvent, StatusEvent } from "../events.ts";
import type { OutputEdits } from "./messages.ts";
import { KeptNotes } from "./kept-notes.ts";
import { KeptOutputs, type OutputCursor, outputCursor } from "./outputs.ts";

/** The outcome of a job. */
export type Outcome<T> = { ok: true; result: T } | { ok: false; error: unknown };

/** A reader of a job: receives every event from the start, and the end. */
export interface Reader<T> {
  event(event: JobEvent<T>): void;
  end(outcome: Outcome<T>): void;
}

/** A reader, with the position up to which it has read. */
interface Place<T> {
  readonly reader: Reader<T>;
  /** Position of the event that it receives next. */
  next: number;
  /** Position and content from which it rebuilds past outputs. */
  readonly cursor: OutputCursor;
  /** Whether it is receiving past events. */
  busy: boolean;
  /** Whether it has unsubscribed, or received the end. */
  gone: boolean;
}

/**
 * The events of one call, for any number of readers. Each reader receives all of them in order, even if it subscribes late.
 *
 * Outputs are kept as edits, see {@link KeptOutputs}. Of several statuses in a row with the same stage, only the latest is kept. An
 * event that a reader causes while it handles another one is appended at once. Every reader receives it after the other one.
 *
 * Not a `ReplaySubject`, which can neither drop outputs while it keeps statuses, nor keep edits.
 */
export class Log<T> {
  readonly #keepOutputs: number;
  readonly #onEnd: (outcome: Outcome<T>) => void;
  readonly #outputs = new KeptOutputs();
  readonly #notes: KeptNotes;
  /** Number of events so far: the position of the next one. */
  #length = 0;
  /** Number of events that were delivered to the present readers. */
  #delivered = 0;
  /** Position of the first event of the current run. Outputs before it belong to a run that was lost. */
  #runStart = 0;
  /** Replaced, not changed, when a reader subscribes or leaves: a loop over the readers may be running. */
  #places: readonly Place<T>[] = [];
  #delivering = false;
  #outcome: Outcome<T> | null = null;
  /** Whether the outcome was delivered. */
  #ended = false;

  /**
   * @param keepOutputs - number of outputs that late readers receive.
   * @param onEnd - called once, when every reader has received the end.
   * @param limit - returns the maximum number of bytes of the log messages and statuses that late readers receive.
   */
  constructor(keepOutputs: number, onEnd: (outcome: Outcome<T>) => void, limit: () => number = () => Infinity) {
    this.#notes = new KeptNotes(limit);
    this.#keepOutputs = keepOutputs;
    this.#onEnd = onEnd;
  }

  /** The outcome of the call, once every reader has received it; `null` before. */
  get outcome(): Outcome<T> | null {
    return this.#ended ? this.#outcome : null;
  }

  /** Returns the data of the kept outputs of the current run. */
  outputs(): T[] {
    // The caller states the type of the outputs; it is not checked.
    return this.#outputs.data(this.#runStart) as T[];
  }

  /** @param isNewRun - whether the call starts again: the outputs before belong to a run that was lost. */
  note(event: StatusEvent | LogEvent, isNewRun = false): void {
    if (isNewRun) this.#runStart = this.#length;
    this.#keepNote(event);
    this.#deliver();
  }

  /** @param edits - edits that lead from the output before to this one; `null` where it came whole. */
  output(event: DataEvent<T>, edits: OutputEdits | null): void {
    this.#outputs.add(this.#length++, event, edits);
    this.#deliver();
  }

  end(outcome: Outcome<T>): void {
    this.#outcome ??= outcome;
    this.#deliver();
  }

  /**
   * Delivers all past events to a reader before it returns, and then every further event.
   *
   * @returns a function that stops it.
   */
  read(reader: Reader<T>): () => void {
    const place: Place<T> = { reader, next: 0, cursor: outputCursor(), busy: false, gone: false };
    this.#places = [...this.#places, place];
    this.#catchUp(place);
    if (this.#ended) this.#leave(place, this.#outcome);
    return () => this.#leave(place, null);
  }

  #keepNote(event: StatusEvent | LogEvent): void {
    const position = this.#length++;
    const { last } = this.#notes;
    // While an event is delivered, it cannot be replaced: some readers have not received it.
    const replaces =
      !this.#delivering &&
      last?.position === position - 1 &&
      position === this.#delivered &&
      event.type === "status" &&
      last.event.type === "status" &&
      last.event.stage === event.stage;
    if (replaces) this.#notes.replaceLast({ position, event });
    else this.#notes.add({ position, event });
  }

  /** Delivers event by event, each to all readers before the next one to any. */
  #deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    while (this.#delivered < this.#length) {
      const position = this.#delivered++;
      for (const place of this.#places) this.#catchUp(place);
      this.#outputs.settle(position);
    }
    this.#delivering = false;
    this.#forget();
    if (this.#outcome && !this.#ended) this.#deliverEnd(this.#outcome);
  }

  #deliverEnd(outcome: Outcome<T>): void {
    this.#ended = true;
    for (const place of this.#places) {
      // A reader in the middle of its past receives the end from `read`.
      if (!place.busy) this.#leave(place, outcome);
    }
    this.#onEnd(outcome);
  }

  /** @param outcome - the outcome that the reader receives; `null` where the reader unsubscribes. */
  #leave(place: Place<T>, outcome: Outcome<T> | null): void {
    if (place.gone) return;
    place.gone = true;
    this.#places = this.#places.filter((one) => one !== place);
    if (outcome) place.reader.end(outcome);
  }

  #catchUp(place: Place<T>): void {
    if (place.busy) return;
    place.busy = true;
    while (place.next < this.#delivered && !place.gone) {
      const event = this.#next(place);
      if (event) place.reader.event(event);
    }
    place.busy = false;
  }

  /** Returns the next event for a reader; `null` where it has received every delivered event. */
  #next(place: Place<T>): JobEvent<T> | null {
    const number = this.#outputs.find(place.next);
    const output = this.#outputs.positionOf(number);
    const note = this.#notes.at(place.next);
    const position = Math.min(output, note?.position ?? Infinity);
    if (position >= this.#delivered) {
      place.next = this.#delivered;
      return null;
    }
    place.next = position + 1;
    if (position === note?.position) return note.event;
    return this.#outputs.read(number, place.cursor) as DataEvent<T>;
  }

  /** Forgets outputs of a lost run, and the oldest outputs and notes beyond those that are to be kept. */
  #forget(): void {
    this.#notes.trim(this.#delivered);
    const outputs = this.#outputs;
    while (outputs.size > this.#keepOutputs || outputs.positionOf(outputs.first) < this.#runStart) outputs.forget();
  }
}
