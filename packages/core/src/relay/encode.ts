import type { DataEvent, JobEvent } from "../events.ts";
import { GradioError } from "../errors.ts";
import { editsBetween, packer, placesOf, RELAY_VERSION } from "./format.ts";

/** The part of a job that a relay reads. */
export interface RelayedJob extends AsyncIterable<JobEvent> {
  readonly endpoint: string;
  readonly fnIndex: number;
  result(): Promise<unknown>;
}

/** Milliseconds of silence after which a comment is sent, so that proxies keep the connection. */
const HEARTBEAT = 15_000;

/** Writes the events of a job as an event stream, piece by piece. */
export class RelayWriter {
  readonly #job: RelayedJob;
  readonly #events: AsyncIterator<JobEvent>;
  readonly #encoder = new TextEncoder();
  readonly #pack = packer();
  /** Promise of the next event; `null` before it was requested. */
  #next: Promise<IteratorResult<JobEvent>> | null = null;
  #outputs: readonly unknown[] | null = null;
  /** Event id of the message before. */
  #eventId: string | null = null;
  #step: "head" | "events" | "over" = "head";

  constructor(job: RelayedJob) {
    this.#job = job;
    this.#events = job[Symbol.asyncIterator]();
  }

  /** Returns the next chunk; `null` after the last. */
  async read(): Promise<Uint8Array | null> {
    if (this.#step === "over") return null;
    if (this.#step === "head") {
      this.#step = "events";
      const { endpoint, fnIndex } = this.#job;
      return this.#message({ type: "relay", version: RELAY_VERSION, endpoint, fnIndex });
    }
    try {
      this.#next ??= this.#events.next();
      const next = await orHeartbeat(this.#next);
      if (next === null) return this.#encoder.encode(":\n\n");
      this.#next = null;
      if (!next.done) return this.#message(this.#event(next.value));
      if (this.#isOver()) return null;
      this.#step = "over";
      return this.#message({ type: "result", data: this.#pack(await this.#job.result()) });
    } catch (error) {
      this.#step = "over";
      return this.#message({ type: "error", error: errorJson(error) });
    }
  }

  /** Stops reading the job. */
  stop(): void {
    this.#step = "over";
    void this.#events.return?.();
  }

  /** Whether `stop` was called. */
  #isOver(): boolean {
    return this.#step === "over";
  }

  #event(event: JobEvent): object {
    const message = event.type === "data" ? this.#output(event) : event;
    const hasSameId = event.eventId === this.#eventId;
    this.#eventId = event.eventId;
    // `undefined` is left out of JSON.
    return { ...message, eventId: hasSameId ? undefined : event.eventId, time: event.time.getTime() };
  }

  #output({ outputs, final, changed }: DataEvent): object {
    const packed = outputs.map((output) => this.#pack(output));
    const edits = this.#outputs && editsBetween(this.#outputs, packed);
    this.#outputs = packed;
    if (!edits) return { type: "data", outputs: packed, final: final || undefined, changed };
    // The reader knows the places of the edits.
    const isKnown = JSON.stringify(changed) === JSON.stringify(placesOf(edits));
    return { type: "data", edits, final: final || undefined, changed: isKnown ? undefined : changed };
  }

  #message(message: object): Uint8Array {
    return this.#encoder.encode(`data: ${JSON.stringify(message)}\n\n`);
  }
}

/** Waits for a step, at most until the next heartbeat; then returns `null`. */
async function orHeartbeat<Step>(step: Promise<Step>): Promise<Step | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const due = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), HEARTBEAT)));
  try {
    return await Promise.race([step, due]);
  } finally {
    clearTimeout(timer);
  }
}

/** Returns an error as JSON. Of an error that is not one of the SDK, such as the reason of a signal, only name and message are sent. */
function errorJson(error: unknown): object {
  if (error instanceof GradioError) return error.toJSON();
  const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
  return new GradioError(message, { cause: Object.assign(new Error(message), { name }) }).toJSON();
}
