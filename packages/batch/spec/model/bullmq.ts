import { EventEmitter } from "node:events";
import type { ModelJob, Redis, Server } from "./redis.ts";

interface Connected {
  connection: Redis;
}

interface WorkerSettings extends Connected {
  lockDuration: number;
  stalledInterval: number;
  concurrency: number;
}

/** Thrown by a processor whose job was delayed. */
export class DelayedError extends Error {}
/** Thrown by a processor whose job waits again. */
export class WaitingError extends Error {}

/** Queue of BullMQ in the model. */
export class Queue extends EventEmitter {
  readonly name: string;
  readonly #redis: Redis;

  constructor(name: string, { connection }: Connected) {
    super();
    this.name = name;
    this.#redis = connection;
  }

  addBulk(jobs: ReadonlyArray<{ data: ModelJob["data"]; opts: { jobId: string } }>): Promise<void> {
    return this.#redis.run((server) => {
      for (const { data, opts } of jobs) {
        const id = opts.jobId;
        if (server.data.jobs.has(id)) continue;
        const job: ModelJob = { id, data, state: "wait", due: 0, token: null, lockedUntil: 0, stalls: 0 };
        server.data.jobs.set(id, job);
      }
      server.wake();
    });
  }

  getJobCounts(): Promise<Record<ModelJob["state"], number>> {
    return this.#redis.glance((server) => {
      const counts = { wait: 0, delayed: 0, active: 0 };
      for (const { state } of server.data.jobs.values()) counts[state]++;
      return counts;
    });
  }

  getJobCountByTypes(...states: ReadonlyArray<ModelJob["state"]>): Promise<number> {
    return this.#redis.glance(
      ({ data }) => [...data.jobs.values()].filter(({ state }) => states.includes(state)).length,
    );
  }

  isPaused(): Promise<boolean> {
    return this.#redis.glance(({ data }) => data.isPaused);
  }

  pause(): Promise<void> {
    return this.#redis.run(({ data }) => void (data.isPaused = true));
  }

  resume(): Promise<void> {
    return this.#redis.run((server) => {
      server.data.isPaused = false;
      server.wake();
    });
  }

  async close(): Promise<void> {
    this.removeAllListeners();
  }
}

/** A job as a processor sees it. */
class Job {
  readonly data: ModelJob["data"];
  readonly stalledCounter: number;
  readonly id: string;
  readonly #redis: Redis;

  constructor({ id, data, stalls }: ModelJob, redis: Redis) {
    this.data = data;
    this.stalledCounter = stalls;
    this.id = id;
    this.#redis = redis;
  }

  moveToDelayed(due: number, token: string): Promise<void> {
    return this.#redis.run((server) => {
      const job = locked(server, this.id, token, this.#redis);
      Object.assign(job, { state: "delayed", due, token: null });
      setTimeout(() => server.wake(), due - Date.now());
    });
  }

  moveToWait(token: string): Promise<void> {
    return this.#redis.run((server) => {
      Object.assign(locked(server, this.id, token, this.#redis), { state: "wait", token: null });
      server.wake();
    });
  }
}

/** Returns the job of a worker that has its lock. */
function locked(server: Server, id: string, token: string, { process }: Redis): ModelJob {
  const job = server.data.jobs.get(id);
  if (!job) throw new Error(`Missing key for job ${id}.`);
  if (job.token !== token) throw new Error(`Missing lock for job ${id}.`);
  process.taken.delete(job.data.key);
  return job;
}

type Processor = (job: Job, token: string) => Promise<void>;
let tokens = 0;

/** Worker of BullMQ in the model. It fetches jobs, renews their locks at half of their time, and hands lapsed ones out again. */
export class Worker extends EventEmitter {
  readonly #processor: Processor;
  readonly #settings: WorkerSettings;
  readonly #redis: Redis;
  readonly #timers: NodeJS.Timeout[];
  /** Ids of jobs that run, by token. */
  readonly #running = new Map<string, string>();
  readonly #idle = new Set<() => void>();
  readonly #wake = (): void => void this.#fetch();
  #isFetching = false;
  #isClosing = false;

  constructor(_name: string, processor: Processor, settings: WorkerSettings) {
    super();
    this.#processor = processor;
    this.#settings = { ...settings };
    this.#redis = settings.connection;
    const { lockDuration, stalledInterval } = settings;
    this.#timers = [
      setInterval(() => this.#renew(), lockDuration / 2),
      setInterval(() => this.#handOutAgain(), stalledInterval),
    ];
    this.#redis.server.wakers.add(this.#wake);
    this.#redis.world.workers.set(this.#redis.process.name, this);
    this.#wake();
  }

  set concurrency(concurrency: number) {
    this.#settings.concurrency = concurrency;
    this.#wake();
  }

  /** Takes no further job, as workers of BullMQ have done after an outage. */
  stick(): void {
    this.#redis.server.wakers.delete(this.#wake);
  }

  /** Takes no further job, and waits for those that run. With force, it does not wait, and renews nothing. */
  async close(force = false): Promise<void> {
    this.#isClosing = true;
    this.stick();
    const isBusy = this.#isFetching || this.#running.size > 0;
    if (!force && isBusy) await new Promise<void>((resolve) => this.#idle.add(resolve));
    for (const timer of this.#timers) clearInterval(timer);
  }

  async #fetch(): Promise<void> {
    const isStuck = (): boolean => !this.#redis.server.wakers.has(this.#wake);
    if (this.#isFetching || this.#isClosing || isStuck()) return;
    this.#isFetching = true;
    try {
      while (!this.#isClosing && !isStuck() && this.#running.size < this.#settings.concurrency) {
        const token = `t${++tokens}`;
        const job = await this.#redis.run((server) => this.#activate(server, token));
        if (!job) break;
        // Only now: where the answer is lost with the connection, the job is active, and nothing handles it.
        this.#redis.process.taken.add(job.data.key);
        this.#running.set(token, job.id);
        void this.#process(job, token);
      }
    } catch {
      // The connection was closed.
    } finally {
      this.#isFetching = false;
      this.#leave();
    }
  }

  /** Tells who waits for the end of the last job. */
  #leave(): void {
    if (!this.#isFetching && this.#running.size === 0) for (const resolve of this.#idle) resolve();
  }

  #activate({ data }: Server, token: string): Job | null {
    if (data.isPaused) return null;
    for (const job of data.jobs.values()) {
      const isDue = job.state === "wait" || (job.state === "delayed" && job.due <= Date.now());
      if (!isDue) continue;
      Object.assign(job, { state: "active", token, lockedUntil: Date.now() + this.#settings.lockDuration });
      return new Job(job, this.#redis);
    }
    return null;
  }

  async #process(job: Job, token: string): Promise<void> {
    const { id } = job;
    try {
      await this.#processor(job, token);
      await this.#redis.run((server) => {
        locked(server, id, token, this.#redis);
        server.data.jobs.delete(id);
      });
    } catch (error) {
      if (!(error instanceof DelayedError || error instanceof WaitingError)) this.emit("error", error);
    } finally {
      this.#redis.process.taken.delete(job.data.key);
      this.#running.delete(token);
      this.#leave();
      this.#wake();
    }
  }

  #renew(): void {
    if (this.#running.size === 0 || !this.#redis.process.isAlive) return;
    const renewed = this.#redis.run(({ data }) => {
      for (const [token, id] of this.#running) {
        const job = data.jobs.get(id);
        if (job?.token === token) job.lockedUntil = Date.now() + this.#settings.lockDuration;
      }
    });
    renewed.catch(() => undefined);
  }

  #handOutAgain(): void {
    if (!this.#redis.process.isAlive) return;
    const moved = this.#redis.run((server) => {
      for (const job of server.data.jobs.values()) {
        if (job.state !== "active" || job.lockedUntil > Date.now()) continue;
        Object.assign(job, { state: "wait", token: null, stalls: job.stalls + 1 });
        // A lock that lapses after the record costs no second run.
        if (!server.isRecorded(job.data.key)) this.#redis.world.strike([job.data.key]);
      }
      server.wake();
    });
    moved.catch(() => undefined);
  }
}
