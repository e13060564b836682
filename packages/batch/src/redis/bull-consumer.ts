import { setTimeout as sleep } from "node:timers/promises";
import { DelayedError, type Job, type Queue, WaitingError, Worker, type WorkerOptions } from "bullmq";
import type { Consumer, ConsumerOptions, Handle, Handled, Task } from "../store/store.ts";

/** Settings of a {@link BullConsumer}. */
export interface BullOptions extends ConsumerOptions {
  queue: Queue<Task>;
  worker: Omit<WorkerOptions, "concurrency">;
  /** Time for which BullMQ reserves a job for a worker that does not renew it, in milliseconds. */
  lease: number;
  /** Called with the key of a task and the number of processes that died with it, before it is handled. */
  onTaken: (key: string, deaths: number) => void;
}

/** Time before another attempt to give a job back, in milliseconds. */
const PAUSE = 1_000;
/** Time that a worker has to close, in milliseconds. Without Redis it would wait for ever. */
const CLOSING = 5_000;

/**
 * Takes jobs of BullMQ. A worker that takes none although some wait is replaced by a new one: after an outage of Redis, workers of BullMQ
 * have stopped for good.
 */
export class BullConsumer implements Consumer {
  readonly #handle: Handle;
  readonly #options: BullOptions;
  readonly #watchdog: NodeJS.Timeout;
  #worker: Worker<Task>;
  /** Workers that were replaced, and still handle jobs. */
  readonly #replaced = new Set<Worker<Task>>();
  #running = 0;
  #lastTaken = Date.now();
  #isClosing = false;

  constructor(handle: Handle, options: BullOptions) {
    this.#handle = handle;
    this.#options = options;
    this.#worker = this.#start(options.concurrency);
    this.#watchdog = setInterval(() => void this.#check().catch(() => undefined), options.lease);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#watchdog);
    // Takes nothing new. Ends when the last job has been handled.
    const workers = [this.#worker, ...this.#replaced];
    await within(Promise.all(workers.map((worker) => worker.close())), () => this.#running > 0);
    await within(Promise.all(workers.map((worker) => worker.close(true))), () => false);
  }

  #start(concurrency: number): Worker<Task> {
    const { queue, worker: settings } = this.#options;
    const options = { ...settings, concurrency: finite(concurrency) };
    const worker = new Worker<Task>(queue.name, (job, token) => this.#run(job, token), options);
    // Errors of the connection, and of jobs whose lock lapsed. The job is handed out again then.
    worker.on("error", () => undefined);
    return worker;
  }

  async #run(job: Job<Task>, token: string | undefined): Promise<void> {
    this.#running++;
    this.#lastTaken = Date.now();
    try {
      this.#options.onTaken(job.data.key, job.stalledCounter);
      const handled = await this.#handled(job.data);
      if (handled !== "recorded") await this.#giveBack(job, token, handled.again);
    } finally {
      this.#running--;
    }
  }

  async #handled(task: Task): Promise<Handled> {
    try {
      return await this.#handle(task);
    } catch (error) {
      this.#options.onFatal(error);
      return { again: 0 };
    }
  }

  /** Puts a job back. A job whose function fails would be removed, so this is repeated until it succeeds. */
  async #giveBack(job: Job<Task>, token: string | undefined, delay: number): Promise<never> {
    for (;;) {
      try {
        if (delay > 0) await job.moveToDelayed(Date.now() + delay, token);
        else await job.moveToWait(token);
        break;
      } catch (error) {
        // The lock lapsed: the job is no longer this worker's.
        if (this.#isClosing || /lock|Missing key/i.test(String(error))) break;
        await sleep(PAUSE);
      }
    }
    throw delay > 0 ? new DelayedError() : new WaitingError();
  }

  /** Replaces the worker where it could take a job and took none. Only workers move a delayed job to those that wait, so both count. */
  async #check(): Promise<void> {
    const { queue, concurrency, lease } = this.#options;
    const isIdle = Date.now() - this.#lastTaken > 2 * lease && this.#running < concurrency;
    if (!isIdle || (await queue.isPaused()) || (await queue.getJobCountByTypes("wait", "delayed")) === 0) return;
    if (this.#isClosing) return;
    this.#lastTaken = Date.now();
    this.#replace();
  }

  /** Starts another worker. The old one takes no further job, and goes on with those that it handles. */
  #replace(): void {
    const old = this.#worker;
    const worker = (this.#worker = this.#start(this.#options.concurrency - this.#running));
    this.#replaced.add(old);
    void within(old.close(), () => this.#replaced.has(old) && this.#running > 0).then(() => {
      this.#replaced.delete(old);
      worker.concurrency = finite(this.#options.concurrency);
    });
  }
}

/** Returns a number that BullMQ accepts as concurrency. */
function finite(concurrency: number): number {
  return Math.min(concurrency, Number.MAX_SAFE_INTEGER);
}

/** Waits for work, and no longer than some seconds after a condition has ended. */
async function within(work: Promise<unknown>, isBusy: () => boolean): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    const wait = (): void => void (timer = setTimeout(() => (isBusy() ? wait() : resolve()), CLOSING));
    wait();
  });
  await Promise.race([work.catch(() => undefined), limit]);
  clearTimeout(timer);
}
