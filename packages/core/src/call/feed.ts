import { InputError } from "../errors.ts";
import type { CallTies } from "../protocol/protocol.ts";

/** What a {@link Feed} needs. */
export interface FeedSource {
  /** API name with its slash, for sentences. */
  endpoint: string;
  /** Makes of a chunk what goes over the wire: arguments completed, files sent. */
  prepare: (chunk: unknown) => Promise<readonly unknown[]>;
  ties: CallTies;
}

/**
 * The chunks of one call whose input is a stream: handed to the app one after the other, from the moment that it has taken
 * the call.
 */
export class Feed {
  readonly #source: FeedSource;
  /** Settles when everything handed in so far is at the app. */
  #last: Promise<void>;
  #open: () => void = () => undefined;
  #over: string | null = null;

  constructor(source: FeedSource) {
    this.#source = source;
    this.#last = new Promise((resolve) => (this.#open = resolve));
  }

  /** The app has taken the call. */
  open(): void {
    this.#open();
  }

  /** The call has ended: what is still handed in, or waits, is refused. */
  close(): void {
    this.#over ??= "the call has ended";
    this.#open();
  }

  /** Hands on a chunk; resolves when the app has it. */
  async send(chunk: unknown): Promise<void> {
    this.#refuse();
    const prepared = this.#source.prepare(chunk);
    prepared.catch(() => undefined);
    await this.#queue(async () => {
      const data = await prepared;
      const { chunks } = this.#source.ties;
      if (!chunks) throw this.#late();
      await chunks.send(data);
    });
  }

  /** Ends the input, after what was handed in. */
  async end(): Promise<void> {
    this.#refuse();
    this.#over = "its input has been ended";
    await this.#queue(async () => await this.#source.ties.chunks?.end());
  }

  #queue(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  #refuse(): void {
    if (this.#over !== null) throw this.#late();
  }

  #late(): InputError {
    const { endpoint } = this.#source;
    return new InputError(`${endpoint} takes no more chunks: ${this.#over ?? "the call has ended"}.`, { endpoint });
  }
}
