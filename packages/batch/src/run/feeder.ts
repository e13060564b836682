import { checkKey, keyOf, toJson } from "../key.ts";
import { InputError } from "@gradio-rx/node";
import type { OpenStore, Rules, Task } from "../store/store.ts";
import { LOOK, unlessAborted } from "../waits.ts";

/** Number of inputs that are looked up and added together. */
const GROUP = 50;
/** Time after which a smaller group is added, in milliseconds. */
const LINGER = 5;
/** Time for which an input that was recorded is added again after a reconnect, in milliseconds. A power cut may lose the last second. */
const RECENT = 10_000;

/** Inputs of a batch. */
export type BatchInputs<Input> = Iterable<Input> | AsyncIterable<Input>;

/** Settings of a {@link Feeder}. */
export interface FeederOptions {
  store: OpenStore;
  rules: Rules;
  inputs: BatchInputs<unknown>;
  key: ((input: never, index: number) => string) | undefined;
  readAhead: number;
  /** Ends the reading. */
  signal: AbortSignal;
}

/** Reads the inputs, adds those without a record to the store, and knows when all of them are recorded. */
export class Feeder {
  readonly #options: FeederOptions;
  /** Inputs that were read and are not known to be recorded, by key. At most `readAhead`. */
  readonly #pending = new Map<string, Task>();
  /** Inputs that were recorded a short time ago, by the second in which they were. Empty for a store that loses nothing. */
  readonly #recent = new Map<number, Task[]>();
  /** Inputs that are not added yet. */
  #group: Task[] = [];
  #timer: NodeJS.Timeout | undefined;
  #adding: Promise<void> = Promise.resolve();
  readonly #wakers = new Set<() => void>();
  /** Number of inputs that were read. */
  read = 0;

  constructor(options: FeederOptions) {
    this.#options = options;
  }

  /**
   * Feeds all inputs. Resolves when each is recorded.
   *
   * @throws what the inputs or the store throw, and the reason of the signal.
   */
  async run(): Promise<void> {
    const { store, signal } = this.#options;
    const removeListener = store.onReconnect(() => void this.#addAgain());
    const wake = (): void => this.#wake();
    signal.addEventListener("abort", wake);
    try {
      await this.#feedRetried();
      await this.#feedInputs();
      do {
        await this.#flush();
        await this.#until(() => this.#pending.size === 0);
        // Dead letters that were retried meanwhile.
        await this.#feedRetried();
      } while (this.#pending.size > 0);
    } finally {
      removeListener();
      signal.removeEventListener("abort", wake);
      clearTimeout(this.#timer);
    }
  }

  /** Notes that a key has a record: a new one, which a power cut of the server may lose, or an older one. */
  recorded(key: string, isNew = true): void {
    const task = this.#pending.get(key);
    if (!task) return;
    this.#pending.delete(key);
    if (isNew && this.#options.store.isShared) this.#remember(task);
    this.#wake();
  }

  /** Adds dead letters that are to be run again. */
  async feedRetried(): Promise<void> {
    await this.#feedRetried();
    await this.#flush();
  }

  async #feedRetried(): Promise<void> {
    for await (const tasks of this.#options.store.retried()) for (const task of tasks) await this.#push(task);
  }

  async #feedInputs(): Promise<void> {
    const { inputs, key, store, signal } = this.#options;
    const iterator = iterate(inputs);
    try {
      for (;;) {
        await this.#room();
        signal.throwIfAborted();
        // A pending input is not awaited after the signal.
        const read = iterator.next();
        const next = "then" in read ? await unlessAborted(read, signal) : read;
        if (next.done) return;
        const input: unknown = next.value;
        const name = key ? checkKey(key(input as never, this.read), this.read) : keyOf(input);
        if (store.isShared && toJson(input) === undefined)
          throw new InputError(`Input ${this.read} is not JSON. Only a fileStore accepts Blobs: pass { "$file": … }.`);
        this.read++;
        await this.#push({ key: name, input });
      }
    } finally {
      Promise.resolve(iterator.return?.()).catch(() => undefined);
    }
  }

  async #push(task: Task): Promise<void> {
    if (this.#pending.has(task.key)) return;
    await this.#room();
    this.#pending.set(task.key, task);
    this.#group.push(task);
    if (this.#group.length >= GROUP) await this.#flush();
    else this.#timer ??= setTimeout(() => void this.#flush().catch(() => undefined), LINGER);
  }

  /** Looks up the group, and adds what is not recorded. Groups are added one after the other. */
  #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const group = this.#group;
    this.#group = [];
    this.#adding = this.#adding.then(() => this.#add(group));
    return this.#adding;
  }

  async #add(group: readonly Task[]): Promise<void> {
    if (group.length === 0) return;
    const { store } = this.#options;
    const known = await store.recorded(group.map(({ key }) => key));
    const open = group.filter(({ key }, at) => {
      if (known[at]) this.recorded(key, known[at] === "new");
      return !known[at];
    });
    if (open.length > 0) await store.add(open);
  }

  #remember(task: Task): void {
    const now = second(Date.now());
    const tasks = this.#recent.get(now);
    if (tasks) return void tasks.push(task);
    this.#forget();
    this.#recent.set(now, [task]);
  }

  /** Forgets inputs that were recorded too long ago. */
  #forget(): void {
    const oldest = second(Date.now() - RECENT);
    for (const time of this.#recent.keys()) if (time < oldest) this.#recent.delete(time);
  }

  /**
   * Writes the rules and adds everything that is not recorded: a server that lost its last second may have lost any of it. The store
   * ignores keys that it has.
   */
  async #addAgain(): Promise<void> {
    const { store, rules } = this.#options;
    this.#forget();
    for (const recent of this.#recent.values()) for (const task of recent) this.#pending.set(task.key, task);
    this.#recent.clear();
    const tasks = [...this.#pending.values()];
    await store.begin(rules).catch(() => undefined);
    for (let at = 0; at < tasks.length; at += GROUP) {
      this.#adding = this.#adding.then(() => this.#add(tasks.slice(at, at + GROUP)));
      await this.#adding.catch(() => undefined);
    }
  }

  async #room(): Promise<void> {
    if (this.#pending.size >= this.#options.readAhead) {
      await this.#flush();
      await this.#until(() => this.#pending.size < this.#options.readAhead);
    }
  }

  /** Waits until a condition holds. Meanwhile it looks for inputs that other processes recorded. */
  async #until(holds: () => boolean): Promise<void> {
    const { store, signal } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      if (holds()) return;
      await this.#woken();
      if (store.isShared && !holds()) await this.#look();
    }
  }

  async #look(): Promise<void> {
    const keys = [...this.#pending.keys()];
    const known = await this.#options.store.recorded(keys);
    keys.forEach((key, at) => {
      if (known[at]) this.recorded(key, known[at] === "new");
    });
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => wake(), LOOK);
      const wake = (): void => {
        clearTimeout(timer);
        this.#wakers.delete(wake);
        resolve();
      };
      this.#wakers.add(wake);
    });
  }

  #wake(): void {
    for (const wake of this.#wakers) wake();
  }
}

/** Returns the second of a time in milliseconds. */
function second(time: number): number {
  return Math.floor(time / 1_000);
}

function iterate<Input>(inputs: BatchInputs<Input>): Iterator<Input> | AsyncIterator<Input> {
  return Symbol.asyncIterator in inputs ? inputs[Symbol.asyncIterator]() : inputs[Symbol.iterator]();
}
