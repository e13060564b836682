import { InputError } from "../errors.ts";
import { type ChunkPort, endOf } from "../protocol/protocol.ts";

/** Reason why no more chunks are accepted after the end of the call. */
const ENDED = "the call has ended";

/**
 * The input of a call that takes a stream of chunks. Chunks are sent one after the other, from the moment that the app has
 * accepted the call.
 */
export class InputStream {
  readonly #endpoint: string;
  readonly #prepare: (chunk: unknown) => Promise<readonly unknown[]>;
  readonly #signal: AbortSignal;
  readonly #port: Promise<ChunkPort | null>;
  #resolvePort: (port: ChunkPort | null) => void = () => undefined;
  /** Settles when everything sent so far is at the app. */
  #last: Promise<unknown>;
  /** Reason why no more chunks are accepted; `null` while they are. */
  #closed: string | null = null;

  /**
   * @param endpoint - API name with its slash, for errors.
   * @param prepare - completes the arguments of a chunk, and uploads its files.
   * @param signal - aborted with a `CallEnd` at the end of the call. Chunks that are being prepared then fail with its error.
   */
  constructor(endpoint: string, prepare: (chunk: unknown) => Promise<readonly unknown[]>, signal: AbortSignal) {
    this.#endpoint = endpoint;
    this.#prepare = prepare;
    this.#signal = signal;
    this.#port = new Promise((resolve) => (this.#resolvePort = resolve));
    this.#last = this.#port;
  }

  /** Starts sending: the app has accepted the call. */
  open(port: ChunkPort | null): void {
    this.#resolvePort(port);
  }

  /** Rejects the chunks that are still waiting, and all further ones: the call has ended. */
  close(): void {
    this.#closed ??= ENDED;
    this.#resolvePort(null);
  }

  /** Sends a chunk; resolves when the app has it. */
  async send(chunk: unknown): Promise<void> {
    this.#check();
    const prepared = this.#prepare(chunk).catch((error: unknown) => {
      throw endOf(this.#signal)?.error ?? error;
    });
    prepared.catch(() => undefined);
    await this.#enqueue(async () => {
      const data = await prepared;
      const port = await this.#port;
      if (!port) throw this.#refusal();
      await port.send(data);
    });
  }

  /** Ends the input, behind the chunks that were sent before. */
  async end(): Promise<void> {
    this.#check();
    this.#closed = "its input has been ended";
    await this.#enqueue(async () => await (await this.#port)?.end());
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  #check(): void {
    if (this.#closed !== null) throw this.#refusal();
  }

  #refusal(): InputError {
    const endpoint = this.#endpoint;
    return new InputError(`${endpoint} accepts no more chunks: ${this.#closed ?? ENDED}.`, { endpoint });
  }
}
