import { Copies } from "../copies/copies.ts";
import type { AppState, BatchClient } from "../copies/copy.ts";
import type { BatchFiles } from "../files.ts";
import type { Consumer, OpenStore, Rules } from "../store/store.ts";
import { Runner } from "./runner.ts";

/** A copy that a worker connects to. */
export interface App {
  app: string;
  connect: () => Promise<BatchClient>;
}

/** Settings of a {@link Member}. */
export interface MemberOptions {
  store: OpenStore;
  rules: Rules;
  apps: readonly App[];
  concurrency: number;
  ahead: number;
  files: BatchFiles;
  onRecorded: (key: string) => void;
  /** Called with an error after which the batch cannot continue. */
  onFatal: (error: unknown) => void;
}

/** Time that cancelled inputs have to go back to the store, in milliseconds. */
const GIVE_BACK = 15_000;

/** One process's share in a batch: it takes tasks and runs them at the copies. */
export class Member {
  readonly #copies: Copies;
  readonly #consumer: Consumer;
  /** Ends the waiting for copies. */
  readonly #ending = new AbortController();
  /** Cancels the running calls. */
  readonly #cancel = new AbortController();

  constructor({ store, rules, apps, concurrency, ahead, files, onRecorded, onFatal }: MemberOptions) {
    const isolate = rules.call["isolate"] === true;
    this.#copies = new Copies({ apps, endpoint: rules.endpoint, isolate, ahead, onAllOut: onFatal });
    const signals = { ending: this.#ending.signal, signal: this.#cancel.signal };
    const runner = new Runner({ store, copies: this.#copies, rules, files, ...signals, onRecorded });
    this.#consumer = store.consume(runner.handle, { concurrency, onFatal });
  }

  get apps(): AppState[] {
    return this.#copies.states;
  }

  /** Takes nothing new. What still runs after a time in milliseconds is cancelled, and goes back to the store. */
  async stop(grace: number): Promise<void> {
    this.#ending.abort();
    const timer = setTimeout(() => this.#cancel.abort(), grace);
    let last: NodeJS.Timeout | undefined;
    // A store whose server is away would be waited for.
    const limit = new Promise<void>((resolve) => void (last = setTimeout(resolve, grace + GIVE_BACK)));
    try {
      await Promise.race([this.#consumer.close(), limit]);
    } finally {
      clearTimeout(timer);
      clearTimeout(last);
      this.#cancel.abort();
      await this.#copies.close();
    }
  }
}
