import type { DataEvent, JobEvent, LogEvent, StatusEvent } from "../events.ts";
import { Outputs } from "./outputs.ts";

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

/**
 * What has happened to one call, and who is told of it: append-only, with readers that each see everything in order.
 *
 * What a reader causes while it handles an event is appended at once and told afterwards: every reader has had the event
 * before it hears of what followed from it.
 */
export class Log<T> {
  readonly #keepOutputs: number;
  readonly #outputs = new Outputs<T>();
  /** Of an output the number. */
  readonly #events: (StatusEvent | LogEvent | number)[] = [];
  /** The last output, as those who listen are told it, and where it stands; -1 once it was let go. */
  #newest: DataEvent<T> | null = null;
  #newestAt = -1;
  /** How many outputs belong to a run that was lost: nobody is to see them any more. */
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
    const kept: T[] = [];
    for (let number = this.#outputs.first + this.#stale; number < this.#outputs.count; number++)
      kept.push(this.#outputs.at(number)!.data);
    return kept;
  }

  /**
   * @param anew - the call starts again: the outputs before belong to a run that was lost. Default `false`.
   * @param grown - it is an output whose text goes on from the one before. Default `false`.
   */
  append(event: JobEvent<T>, anew = false, grown = false): void {
    if (anew) this.#stale = this.#outputs.count - this.#outputs.first;
    if (event.type === "data") {
      this.#newest = event;
      this.#newestAt = this.#events.push(this.#outputs.add(event, grown)) - 1;
    } else this.#events.push(event);
    this.#tell();
    this.#letGo();
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

  /** `null` where an output stood that was let go. */
  #at(position: number): JobEvent<T> | null {
    if (position === this.#newestAt) return this.#newest;
    const event = this.#events[position]!;
    return typeof event === "number" ? this.#outputs.at(event) : event;
  }

  /** Forgets the oldest outputs beyond what is to be remembered; those who listen have had them. */
  #letGo(): void {
    // Somebody is being told just now: it goes once everybody was.
    if (this.#telling) return;
    while (this.#stale > 0 || this.#outputs.count - this.#outputs.first > this.#keepOutputs) {
      this.#outputs.forget();
      if (this.#outputs.first === this.#outputs.count) this.#newestAt = -1;
      if (this.#stale > 0) this.#stale--;
    }
  }
}
