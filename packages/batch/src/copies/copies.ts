import type { AppState, ConnectCopy } from "./copy.ts";
import { Copy } from "./copy.ts";

/** Settings of {@link Copies}. */
export interface CopiesOptions {
  apps: readonly { app: string; connect: ConnectCopy }[];
  endpoint: string | number | null;
  /** Whether each call has a session of its own. */
  isolate: boolean;
  /** Maximum number of calls of this process that wait in the queue of one app. */
  ahead: number;
  /** Called with the first error when every copy refuses. */
  onAllOut: (error: unknown) => void;
}

/** Permission for one call at a copy. It counts as waiting until it starts. */
export interface Place {
  readonly copy: Copy;
  /** Counts the call as running from now on. */
  start(): void;
  /** Ends the call. */
  end(): void;
}

interface Waiter {
  avoid: string | null;
  take: (place: Place) => void;
}

/** Copies of the app, with the calls that wait for one of them. */
export class Copies {
  readonly #options: CopiesOptions;
  readonly #copies: Copy[];
  readonly #waiters = new Set<Waiter>();

  constructor(options: CopiesOptions) {
    this.#options = options;
    const { endpoint, isolate } = options;
    const onChange = (): void => this.#turn();
    this.#copies = options.apps.map(({ app, connect }) => new Copy({ app, connect, endpoint, isolate, onChange }));
    for (const copy of this.#copies) void copy.connect();
  }

  get states(): AppState[] {
    return this.#copies.map((copy) => copy.state);
  }

  /**
   * Waits for a copy that can take a call: the least busy of those that do not rest.
   *
   * @param avoid - app at which the last attempt failed. It is used only where there is no other.
   * @throws the reason of the signal.
   */
  take(avoid: string | null, signal: AbortSignal): Promise<Place> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const abort = (): void => {
        this.#waiters.delete(waiter);
        reject(signal.reason);
      };
      const take = (place: Place): void => {
        signal.removeEventListener("abort", abort);
        resolve(place);
      };
      const waiter: Waiter = { avoid, take };
      signal.addEventListener("abort", abort, { once: true });
      this.#waiters.add(waiter);
      this.#turn();
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#copies.map((copy) => copy.close()));
  }

  /** Gives free copies to waiting calls. Choosing and counting are one step. */
  #turn(): void {
    if (this.#copies.every((copy) => copy.refusal !== null)) this.#options.onAllOut(this.#copies[0]!.refusal);
    for (const waiter of this.#waiters) {
      const copy = this.#choose(waiter.avoid);
      if (copy === "wait") continue;
      if (!copy) return;
      this.#waiters.delete(waiter);
      waiter.take(this.#placeAt(copy));
    }
  }

  /** Returns the least busy free copy; `undefined` for none, and `"wait"` where the only free one is to be avoided. */
  #choose(avoid: string | null): Copy | "wait" | undefined {
    const free = this.#copies.filter((copy) => copy.isOpen && copy.waiting < this.#options.ahead);
    const others = free.filter(({ app }) => app !== avoid);
    if (others.length > 0) return others.reduce((least, copy) => (load(copy) < load(least) ? copy : least));
    const isAlone = !this.#copies.some((copy) => copy.isOpen && copy.app !== avoid);
    return free.length === 0 ? undefined : isAlone ? free[0] : "wait";
  }

  #placeAt(copy: Copy): Place {
    let state: "waiting" | "running" | "ended" = "waiting";
    copy.waiting++;
    const leave = (next: "running" | "ended"): void => {
      if (state === "ended" || state === next) return;
      copy[state]--;
      if (next === "running") copy.running++;
      state = next;
      this.#turn();
    };
    return { copy, start: () => leave("running"), end: () => leave("ended") };
  }
}

function load({ waiting, running }: Copy): number {
  return waiting + running;
}
