import { InputError } from "../errors.ts";
import { initialJobState, type JobState, nextJobState, pendingJobState } from "../operators/job-state.ts";
import type { PredictionActions, RunState, UsePredictionOptions } from "./options.ts";
import { RunController, type Send } from "./run.ts";
import { sameValue } from "./same-value.ts";

/** Input of a prediction: a change of one field makes another call. */
export interface PredictionInput {
  /** The client's connection; `null` for an endpoint that is a `start` function. */
  connection: unknown;
  /** The endpoint; `null` for a `start` function, which is not compared. */
  endpoint: string | number | null;
  /** Data of the call; `null` makes none. */
  data: unknown;
}

/** State of a prediction, with its functions. */
export type PredictionState<T> = RunState<T> & PredictionActions<T>;

/** State machine of `usePrediction`: runs when its input changes. */
export class PredictionController<T> {
  readonly #runs: RunController<T, PredictionActions<T>>;
  #input: PredictionInput;
  #debounce = 0;
  /** Whether the call of the current input was not made: at first, and after the component was unmounted during the call. */
  #isDue: boolean;
  /** Whether no call was made: the first does not wait for `debounce`. */
  #isFirst: boolean;
  /** Snapshots for inputs that are rendered and not yet committed. */
  readonly #expected = new WeakMap<PredictionInput, { from: PredictionState<T>; to: PredictionState<T> }>();

  constructor(input: PredictionInput, options: UsePredictionOptions<T> = {}) {
    const { initialData } = options;
    this.#input = input;
    const isAnswered = initialData !== undefined && input.data !== null;
    this.#isDue = !isAnswered && input.data !== null;
    this.#isFirst = !isAnswered;
    this.#runs = new RunController<T, PredictionActions<T>>(
      { cancel: () => this.#runs.cancel(), rerun: () => this.#rerun() },
      isAnswered ? answered(initialData) : input.data === null ? initialJobState : pendingJobState,
      () => this.#left(),
    );
  }

  /** Returns the state: the same object until subscribers are notified of another. */
  readonly getSnapshot = (): PredictionState<T> => this.#runs.getSnapshot();

  /** Calls a listener after each change. Returns a function that removes it. */
  readonly subscribe = (listener: () => void): (() => void) => this.#runs.subscribe(listener);

  /** Sets how calls are sent, and their options. */
  configure(send: Send<T>, options: UsePredictionOptions<T> = {}): void {
    const { debounce = 0, initialData: _, keepPrevious = true, ...rest } = options;
    this.#debounce = debounce;
    this.#runs.configure(send, { ...rest, keepPrevious });
  }

  /** Notes that the component is mounted. Returns a function to call when it is unmounted. */
  attach(): () => void {
    return this.#runs.attach();
  }

  /**
   * Returns the state for an input: the snapshot where it is the current input, else the state that `update` will show, so that a render
   * with new data never shows the former run as its own.
   */
  peek(input: PredictionInput): PredictionState<T> {
    const from = this.getSnapshot();
    if (this.#isCurrent(input)) return from;
    const known = this.#expected.get(input);
    if (known?.from === from) return known.to;
    const to = this.#runs.expected(input.data === null ? "idle" : "pending");
    this.#expected.set(input, { from, to });
    return to;
  }

  /** Makes a call where the input is another one than before, or its call was cancelled by leaving. */
  update(input: PredictionInput): void {
    const isSame = this.#isCurrent(input);
    if (isSame && !this.#isDue) return;
    const view = isSame ? undefined : this.peek(input);
    this.#input = input;
    this.#isDue = false;
    if (input.data === null) return this.#runs.reset(view);
    const delay = this.#isFirst || isSame ? 0 : this.#debounce;
    this.#isFirst = false;
    void this.#runs.replace(input.data, delay, view);
  }

  #isCurrent(input: PredictionInput): boolean {
    const { connection, endpoint, data } = this.#input;
    return input.connection === connection && input.endpoint === endpoint && sameValue(input.data, data);
  }

  #left(): void {
    if (this.getSnapshot().isPending) this.#isDue = true;
  }

  #rerun(): Promise<T> {
    const { data } = this.#input;
    if (data !== null) {
      this.#isDue = false;
      return this.#runs.replace(data, 0);
    }
    const refused = Promise.reject<T>(new InputError("There is no data to run the prediction with."));
    refused.catch(() => undefined);
    return refused;
  }
}

function answered<T>(data: T): JobState<T> {
  const event = { type: "data", data } as Parameters<typeof nextJobState<T>>[1];
  return nextJobState(nextJobState<T>(initialJobState, event), { type: "complete" });
}
