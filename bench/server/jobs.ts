import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { bytesOf, interleave, prepare, type Prepared } from "./bytes.ts";
import { endpoints } from "./description.ts";
import { messages } from "./messages.ts";
import type { Sessions } from "./sessions.ts";
import type { Setup } from "./setup.ts";

/** Milliseconds for which jobs wait for others that start together with them. */
const START_DELAY = 15_000;

interface Job {
  hash: string;
  id: string;
  bytes: Buffer;
  ends: readonly number[];
}

/** Jobs of one setup. Their bytes are prepared in advance. */
export class Jobs {
  readonly #setup: Setup;
  readonly #sessions: Sessions;
  readonly #prepared: Prepared;
  #waiting: Job[] = [];
  #late: ReturnType<typeof setTimeout> | undefined;

  constructor(setup: Setup, sessions: Sessions) {
    this.#setup = setup;
    this.#sessions = sessions;
    this.#prepared = prepare(messages(setup), setup.joined);
  }

  /** Accepts a job as `/queue/join` does; returns its id. */
  take(fnIndex: number, hash: string, data: readonly unknown[]): string {
    const id = randomBytes(16).toString("hex");
    const { endpoint, together } = this.#setup;
    const name = endpoints[fnIndex]!;
    // Calls of other endpoints are not measured.
    const own = name === endpoint && name !== "echo" && name !== "take";
    const said = name === "take" ? "taken" : data[0];
    const prepared = own ? this.#prepared : prepare(messages({ ...this.#setup, endpoint: "echo" }, said), false);
    this.#sessions.begin(hash, id);
    const job = { hash, id, bytes: bytesOf(prepared, id), ends: prepared.ends };
    if (!own || together === 1) void this.#run([job]);
    else this.#gather(job);
    return id;
  }

  #gather(job: Job): void {
    this.#waiting.push(job);
    if (this.#waiting.length === this.#setup.together) this.#start();
    else if (this.#waiting.length === 1) this.#late = setTimeout(() => this.#start(), START_DELAY);
  }

  #start(): void {
    const jobs = this.#waiting;
    this.#waiting = [];
    clearTimeout(this.#late);
    void this.#run(jobs);
  }

  async #run(jobs: readonly Job[]): Promise<void> {
    const { delay, duration } = this.#setup;
    // Deferred: the response to the join is written before the first message.
    await sleep(delay + duration);
    const { hash } = jobs[0]!;
    const bytes = jobs.length === 1 ? jobs[0]!.bytes : interleave(jobs);
    this.#sessions.deliver(
      hash,
      bytes,
      jobs.map(({ id }) => id),
    );
  }
}
