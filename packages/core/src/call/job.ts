import { Observable } from "rxjs";
import { CancelledError, InputError, TimeoutError } from "../errors.ts";
import type { DataEvent, JobEvent, StatusEvent, StatusUpdate } from "../events.ts";
import { initialJobState, type JobEnd, type JobState, nextJobState } from "../operators/job-state.ts";
import { type CallOptions, checkOptions } from "../options.ts";
import { CallEnd } from "../protocol/protocol.ts";
import { relayedCall, relayStream } from "../relay/lazy.ts";
import { defineSymbols } from "../symbols.ts";
import { callListener, LONGEST_DELAY } from "../timers.ts";
import type { CallEvent } from "./messages.ts";
import { resultOptions } from "./call-options.ts";
import type { InputStream } from "./input-stream.ts";
import { LogIterator, type Picker } from "./iterate.ts";
import { type JobListeners, listenerFor, listenersIn, type SomeListeners } from "./listeners.ts";
import { Log, type Outcome } from "./log.ts";

/** Parts that a {@link Job} is made of. */
export interface JobSource<T> {
  /** The pipeline of the call: cold, subscribed once. */
  events$: Observable<CallEvent<T>>;
  options: CallOptions<T>;
  /** The call's input, where it is a stream of chunks; `null` for any other call. */
  input: InputStream | null;
  /** Ends the pipeline: aborted with a {@link CallEnd}. */
  end: AbortController;
  /** Called once, when every reader has received the end. */
  onEnd: () => void;
  /** Returns the maximum number of bytes of its log that are kept. Default: no limit. */
  logLimit?: () => number;
}

/**
 * One submission with any number of readers. Its events are kept: a reader that subscribes late receives all of them from the
 * start.
 *
 * @example
 * ```ts
 * const job = client.submit<string>("/chat", ["hello"]);
 * for await (const text of job.values()) console.log(text);
 * console.log(await job.result());
 * ```
 */
export class Job<T = unknown> {
  readonly #log: Log<T>;
  /** Cancels the job where it has not ended: `await using job = client.submit(…)`. Absent on platforms without the symbol. */
  declare readonly [Symbol.asyncDispose]: () => Promise<void>;
  readonly #source: JobSource<T>;
  readonly #waiting = new Set<(outcome: Outcome<T>) => void>();
  #eventId: string | null = null;
  /** Endpoint of the latest status. */
  #named = { endpoint: "", fnIndex: -1 };
  #state: JobState<T> = initialJobState;
  /** The newest output that is not part of the state yet: the state is computed only when it is read. */
  #newest: DataEvent<T> | null = null;
  #result: T | undefined;

  /** Made by `Client.submit`. */
  constructor(source: JobSource<T>) {
    this.#source = source;
    const { events$, options, input, onEnd } = source;
    const settleAll = (outcome: Outcome<T>): void => {
      onEnd();
      input?.close();
      for (const settle of this.#waiting) settle(outcome);
      this.#waiting.clear();
    };
    this.#log = new Log<T>(options.keepOutputs ?? Infinity, settleAll, source.logLimit);
    defineSymbols(this, {
      dispose: async () => void (await this.cancel()),
      inspect: () => `Job <${this.endpoint}> ${this.status().stage}${this.id === null ? "" : ` ${this.id}`}`,
    });
    // RxJS's `from(job)` reads this key where the platform or a polyfill defines it.
    const { observable } = Symbol as { observable?: symbol };
    if (observable) Object.defineProperty(this, observable, { value: () => this.events$ });
    for (const listeners of listenersIn(options)) this.#listen(listeners);
    events$.subscribe({
      next: (event) => this.#take(event),
      complete: () => {
        this.#advance({ type: "complete" });
        this.#log.end({ ok: true, result: this.#result as T });
      },
      error: (error: unknown) => {
        this.#advance({ type: "error", error });
        this.#log.end({ ok: false, error });
      },
    });
  }

  /**
   * Creates a job from a response of `eventStreamResponse`. It has the same events, outputs, result and typed errors. Its `endpoint` is
   * empty and its `fnIndex` is -1 until the first event has arrived. `cancel()` cancels the response, and so the call on the server.
   *
   * The job fails with `ConnectionError` (`accepted: true`) where the answer breaks off, with the error that a refusal's status stands for,
   * and with `ProtocolError` where the answer has another format.
   *
   * @example
   * ```ts
   * const job = Job.fromResponse<string>(fetch("/api/chat", { method: "POST", body: JSON.stringify(["hello"]) }));
   * for await (const text of job.values()) show(text);
   * ```
   */
  static fromResponse<T = unknown>(response: Response | Promise<Response>): Job<T> {
    const end = new AbortController();
    const events$ = relayedCall<T>(response, end.signal);
    return new Job<T>({ events$, options: {}, input: null, end, onEnd: () => undefined });
  }

  /** Tag of the class. Vue creates no proxy for an object with such a tag. */
  get [Symbol.toStringTag](): string {
    return "Job";
  }

  /** API name of the endpoint, with its slash. */
  get endpoint(): string {
    return this.#named.endpoint;
  }

  /** The function's index in the app; -1 while the client is connecting, and for a call that names no endpoint of the app. */
  get fnIndex(): number {
    return this.#named.fnIndex;
  }

  /** The app's id of this call; `null` until the app has assigned one. */
  get id(): string | null {
    return this.#eventId;
  }

  /** Whether the job has succeeded, failed or been cancelled. */
  get done(): boolean {
    // True from the terminal status on, even while readers are still receiving it.
    return this.status().success !== null;
  }

  /** Returns the latest status: the same object until it changes. */
  status(): StatusUpdate {
    return this.#state.status!;
  }

  /**
   * State of the call: a frozen object that stays the same until something changes, as `useSyncExternalStore` requires.
   *
   * @example
   * ```ts
   * const state = useSyncExternalStore((changed) => subscribeTo(job, changed), () => job.snapshot);
   * ```
   */
  get snapshot(): JobState<T> {
    this.#advance(null);
    return this.#state;
  }

  /** Returns the outputs so far, oldest first; with the option `keepOutputs`, only the latest ones. */
  outputs(): T[] {
    return this.#log.outputs();
  }

  /**
   * Returns the final output. May be called any number of times.
   *
   * @param options.timeout - maximum wait in milliseconds; then `TimeoutError` of kind `"result"`. The job continues.
   * @param options.signal - ends the wait with its reason. The job continues.
   * @throws the job's error.
   */
  result(options: { timeout?: number | undefined; signal?: AbortSignal | undefined } = {}): Promise<T> {
    const promise = new Promise<T>((resolve, reject) => {
      checkOptions("result", options, resultOptions);
      const { timeout, signal } = options;
      if (signal?.aborted) throw signal.reason;
      const settle = (outcome: Outcome<T>): void => {
        this.#waiting.delete(settle);
        clearTimeout(timer);
        signal?.removeEventListener("abort", aborted);
        if (outcome.ok) resolve(outcome.result);
        else reject(outcome.error);
      };
      const aborted = (): void => settle({ ok: false, error: signal!.reason });
      const late = (): void => {
        const message = `The result of ${this.endpoint} did not arrive within ${timeout} ms. The job continues.`;
        settle({
          ok: false,
          error: new TimeoutError(message, { kind: "result", endpoint: this.endpoint, eventId: this.id }),
        });
      };
      const timer = timeout === undefined || timeout > LONGEST_DELAY ? undefined : setTimeout(late, timeout);
      signal?.addEventListener("abort", aborted, { once: true });
      this.#waiting.add(settle);
      if (this.#log.outcome) settle(this.#log.outcome);
    });
    // Without a handler, the rejection is not reported as unhandled. Every handler still receives it.
    promise.catch(() => undefined);
    return promise;
  }

  /**
   * Cancels the job in any phase. The job fails with `CancelledError` at once; the app is notified in the background.
   *
   * @returns `true` where this call ended the job, `false` where the job had ended before. Resolves when the app has answered,
   *   after at most 2 s; or at once where the request has to wait because it would stop other calls. Never rejects.
   */
  async cancel(): Promise<boolean> {
    if (this.done) return false;
    const end = new CallEnd("cancelled", new CancelledError(`The call of ${this.endpoint} was cancelled.`));
    this.#source.end.abort(end);
    await end.settled;
    return true;
  }

  /**
   * Sends a chunk to an endpoint whose input is a stream. The data of the call was the first chunk. Chunks are sent in order;
   * the app processes the newest one that it has received.
   *
   * @param chunk - data of the same form as that of the call; for an endpoint with one parameter, also its value alone.
   * @returns resolves when the app has received the chunk.
   * @throws InputError for any other endpoint and after the end of the input; the errors of requests and of uploads.
   */
  send(chunk: unknown): Promise<void> {
    return this.#withInput((input) => input.send(chunk));
  }

  /**
   * Ends the input of an endpoint whose input is a stream, after the chunks sent so far. The job then ends with its last
   * output.
   *
   * @throws InputError for any other endpoint and after the end of the input.
   */
  end(): Promise<void> {
    return this.#withInput((input) => input.end());
  }

  /** Iterates over all events from the start. Throws the job's error at the end of a failed or cancelled job. Leaving the loop does not cancel. */
  [Symbol.asyncIterator](): AsyncIterableIterator<JobEvent<T>> {
    return new LogIterator(this.#log, whole, false);
  }

  /**
   * Iterates over the outputs. Throws the job's error at the end of a failed or cancelled job. Leaving the loop does not cancel.
   *
   * @param options.policy - `"latest"` skips to the newest output where the loop is slower than the app. Default `"buffer"`.
   */
  values(options: { policy?: "buffer" | "latest" | undefined } = {}): AsyncIterableIterator<T> {
    const { policy = "buffer" } = options;
    if (policy !== "buffer" && policy !== "latest")
      throw new InputError('The policy of values must be "buffer" or "latest".', { parameter: "policy" });
    return new LogIterator(this.#log, output, policy === "latest");
  }

  /**
   * Returns the job's events as bytes: the body of `eventStreamResponse`.
   *
   * @param options.detach - whether the job continues when the stream is cancelled. Default `false`: the job is cancelled, too.
   */
  toReadableStream(options: { detach?: boolean | undefined } = {}): ReadableStream<Uint8Array> {
    return relayStream(this, options.detach !== true);
  }

  /** All events from the start; completes, or errors with the job's error. Unsubscribing does not cancel. */
  get events$(): Observable<JobEvent<T>> {
    return this.#observe(whole);
  }

  /** The outputs from the start. */
  get outputs$(): Observable<T> {
    return this.#observe(output);
  }

  /** The changes of status from the start. */
  get status$(): Observable<StatusEvent> {
    return this.#observe((event) => (event.type === "status" ? event : undefined));
  }

  /**
   * Calls a listener for past and future events, never before `on` has returned.
   *
   * @returns a function that removes the listener.
   */
  on<Type extends keyof JobListeners<T>>(type: Type, listener: JobListeners<T>[Type]): () => void {
    if (!["status", "data", "log", "result", "error"].includes(type) || typeof listener !== "function")
      throw new InputError(`Job.on takes "status", "data", "log", "result" or "error", and a function.`);
    return this.#listen({ [type]: listener });
  }

  /** Key that RxJS's `from(job)` reads where `Symbol.observable` is not defined. */
  "@@observable"(): Observable<JobEvent<T>> {
    return this.events$;
  }

  #withInput(work: (input: InputStream) => Promise<void>): Promise<void> {
    const { input } = this.#source;
    const { endpoint } = this;
    const done = input
      ? work(input)
      : Promise.reject(new InputError(`${endpoint} does not accept streaming input.`, { endpoint }));
    // Without a handler, the rejection is not reported as unhandled.
    done.catch(() => undefined);
    return done;
  }

  /** Applies the newest output to the state, and then an event. */
  #advance(event: JobEvent<T> | JobEnd | null): void {
    const newest = this.#newest;
    this.#newest = null;
    if (newest) this.#state = nextJobState(this.#state, newest);
    if (event) this.#state = nextJobState(this.#state, event);
  }

  #take(event: CallEvent<T>): void {
    switch (event.type) {
      case "output":
        this.#newest = event.event;
        this.#log.output(event.event, event.edits);
        break;
      case "status": {
        const isNewRun = event.attempt > (this.#state.status?.attempt ?? event.attempt);
        this.#advance(event);
        this.#named = event;
        this.#eventId = event.eventId;
        this.#log.note(event, isNewRun);
        break;
      }
      case "log":
        this.#advance(event);
        this.#log.note(event);
        break;
      case "accepted":
        this.#eventId = event.eventId;
        if (event.eventId !== null) this.#source.input?.open(event.chunks);
        break;
      case "result":
        this.#result = event.data;
        break;
    }
  }

  #listen(listeners: SomeListeners<T>): () => void {
    // The listener is not called before its caller has received the function that removes it.
    let early: (() => void)[] | null = [];
    let stopped = false;
    const notify = <Value>(listener: ((value: Value) => void) | undefined, value: Value): void => {
      if (!listener || stopped) return;
      if (early) early.push(() => void (stopped || callListener(listener, value)));
      else callListener(listener, value);
    };
    const stop = this.#log.read({
      event: (event) => notify(listenerFor(listeners, event), event),
      end: (outcome) =>
        outcome.ok ? notify(listeners.result, outcome.result) : notify(listeners.error, outcome.error),
    });
    queueMicrotask(() => {
      // Calls that they cause are appended to the list, and run after them.
      for (const run of early ?? []) run();
      early = null;
    });
    return () => {
      stopped = true;
      stop();
    };
  }

  #observe<U>(pick: Picker<T, U>): Observable<U> {
    return new Observable<U>((subscriber) => {
      return this.#log.read({
        event: (event) => {
          const value = pick(event);
          if (value !== undefined) subscriber.next(value);
        },
        end: (outcome) => (outcome.ok ? subscriber.complete() : subscriber.error(outcome.error)),
      });
    });
  }
}

function whole<T>(event: JobEvent<T>): JobEvent<T> {
  return event;
}

function output<T>(event: JobEvent<T>): T | undefined {
  return event.type === "data" ? event.data : undefined;
}
