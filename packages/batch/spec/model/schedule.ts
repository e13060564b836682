import { ConnectionError } from "@gradio-rx/node";
import { vi } from "vitest";
import { Batch } from "../../src/batch.ts";
import type { CheckedBatch } from "../../src/options.ts";
import type { BatchRecord } from "../../src/records.ts";
import { redisStore } from "../../src/redis/redis-store.ts";
import { BatchWorker } from "../../src/worker.ts";
import { type KeyRuns, keyOf, ModelCopy } from "./app.ts";
import { type Fault, LEASE, type Plan } from "./plans.ts";
import { portedFile } from "./file.ts";
import { type Defect, Server, servers } from "./redis.ts";
import { enter, type ModelProcess, World } from "./world.ts";

/** Longest schedule, in milliseconds of its own time. A batch that has not ended by then has lost something. */
const LONGEST = 180_000;
/** Longest time that a restart of a process takes. */
const RESTART = 1_500;
/** Time that a stop may take after its grace. */
const STOP = 1_000;
/** Time between two writes to disk. */
const SYNC = 1_000;

const nextTurn = setImmediate;

/** A process of the schedule with what it runs. */
interface Running {
  process: ModelProcess;
  batch: Batch | null;
  worker: BatchWorker | null;
  isStopping: boolean;
}

/** Settings of a schedule. */
export interface ScheduleOptions {
  /** Defect of Redis. Default: `null`, none. */
  defect?: Defect | null;
  /** Path of a file store, which is used in place of Redis. Default: `null`. */
  file?: string | null;
}

/** One schedule: processes that feed and work, and their supervisor, which starts what ended again. */
export class Schedule {
  readonly world: World;
  readonly server: Server;
  readonly runs = new Map<string, KeyRuns>();
  readonly copies: ModelCopy[];
  /** Number of steps until the end of the batch. */
  steps = 0;
  /** Deviations that were seen on the way. */
  readonly deviations: string[] = [];
  readonly #plan: Plan;
  readonly #file: string | null;
  readonly #running: Running[] = [];
  /** Totals of the feeder, when it has ended. */
  totals: { succeeded: number; failed: number } | null = null;
  #started = 0;
  #outages = 0;
  #isOver = false;

  constructor(plan: Plan, { defect = null, file = null }: ScheduleOptions = {}) {
    this.#plan = plan;
    this.#file = file;
    this.server = new Server(defect);
    this.world = new World(plan);
    this.world.onFault = (fault, actor) => this.#fault(fault, actor);
    this.world.onKill = (process) => this.#kill(this.#running.find((one) => one.process === process));
    servers.set(this.world, this.server);
    plan.inputs.forEach((_, value) => this.runs.set(keyOf(value), { submits: 0, begun: 0, failed: 0 }));
    this.copies = Array.from(
      { length: plan.copies },
      (_, number) => new ModelCopy(`copy ${number}`, this.world, this.runs),
    );
  }

  /** Runs the batch to its end, and stops everything. */
  async run(): Promise<void> {
    vi.clearAllTimers();
    vi.setSystemTime(0);
    enter(this.world);
    const syncs = this.#plan.faults.some((fault) => fault.kind === "redis" && fault.isPowerCut);
    if (syncs) setInterval(() => this.world.outage.isUp && this.server.sync(), SYNC);
    for (let slot = 0; slot <= this.#plan.workers; slot++) this.#start(slot);
    await this.until(() => this.totals !== null);
    this.steps = this.world.steps;
    this.world.calm();
    await this.until(() => this.world.outage.isUp && !this.server.data.isPaused);
    // The workers remove what was added twice. Without workers, it waits for the next run.
    let isCalm = false;
    setTimeout(() => (isCalm = true), 5 * LEASE);
    await this.until(() => isCalm || this.server.data.jobs.size === 0);
    this.#isOver = true;
    const stops = this.#running.map((running) => this.#stop(running, 10_000));
    let isStopped = false;
    void Promise.all(stops).then(() => (isStopped = true));
    await this.until(() => isStopped);
  }

  /** Runs the batch once more in one process, and returns what it yields. */
  async rerun(): Promise<{ totals: unknown; records: BatchRecord[] }> {
    const { batch } = this.#make(0, this.#process(0));
    const records: BatchRecord[] = [];
    let totals: unknown = null;
    void (async () => {
      for await (const record of batch!.results()) records.push(record);
      const last = await batch!.done;
      await batch!.close();
      totals = last;
    })();
    await this.until(() => totals !== null);
    return { totals, records };
  }

  /** Lets virtual time pass until a condition holds. */
  async until(holds: () => boolean): Promise<void> {
    await drained();
    while (!holds()) {
      if (this.deviations.length > 0) throw new Error(this.deviations[0]);
      if (Date.now() > LONGEST) throw new Error(`The batch did not end in ${LONGEST} ms of virtual time.`);
      if (vi.getTimerCount() === 0) throw new Error("The batch did not end, and nothing happens any more.");
      vi.advanceTimersToNextTimer();
      await drained();
    }
  }

  #process(slot: number): ModelProcess {
    const name = `process-${slot}-${this.#started++}`;
    const state = { isAlive: true, frozenUntil: 0, lastEffect: 0 };
    const process: ModelProcess = { slot, name, ...state, taken: new Set(), onKilled: () => undefined };
    this.world.processes.set(name, process);
    return process;
  }

  #start(slot: number): void {
    const running = this.#make(slot, this.#process(slot));
    this.#running.push(running);
    const { process, batch, worker } = running;
    const end = (error: unknown): void => {
      if (!process.isAlive) return;
      if (error instanceof ConnectionError || running.isStopping) this.#again(running);
      else this.deviations.push(`Process ${slot} ended with ${String(error)}`);
    };
    batch?.done.then((totals) => (this.totals ??= totals), end);
    worker?.progress$.subscribe({ error: end, complete: () => end(null) });
  }

  #make(slot: number, process: ModelProcess): Running {
    const store = this.#file
      ? portedFile(this.#file, process, this.world)
      : redisStore({ url: `redis://${process.name}`, name: "model", lease: LEASE });
    const { concurrency, readAhead, attempts, feederWorks, workers, inputs } = this.#plan;
    const apps = this.copies.map((copy) => ({ app: copy.name, connect: () => copy.connect(process) }));
    const common = { store, apps, concurrency, ahead: 2, files: {}, signal: undefined, warn: () => undefined };
    if (slot > 0) return { process, batch: null, worker: new BatchWorker(() => common), isStopping: false };
    const checked: CheckedBatch = {
      ...common,
      concurrency: feederWorks || workers === 0 ? concurrency : 0,
      rules: { endpoint: "/double", call: {}, attempts, backoff: 50, resubmit: true },
      inputs: inputs.map((_, value) => [value]),
      key: ([value]: [number]) => keyOf(value),
      readAhead,
    };
    return { process, batch: new Batch(() => checked), worker: null, isStopping: false };
  }

  /** Starts a process that ended again. */
  #again(running: Running): void {
    const at = this.#running.indexOf(running);
    if (at < 0) return;
    this.#running.splice(at, 1);
    const { slot } = running.process;
    const start = (): void => {
      if (!this.#isOver && !(slot === 0 && this.totals)) this.#start(slot);
    };
    setTimeout(start, this.world.random(RESTART));
  }

  #fault(fault: Fault, actor: ModelProcess | null): void {
    const found = (target: number | "actor"): Running | undefined =>
      target === "actor"
        ? this.#running.find(({ process }) => process === actor)
        : this.#running.find(({ process }) => process.slot === target % (this.#plan.workers + 1));
    switch (fault.kind) {
      case "kill":
        return this.#kill(found(fault.target));
      case "stop": {
        const running = found(fault.target);
        if (running) void this.#stop(running, fault.grace);
        return;
      }
      case "freeze":
        return this.#freeze(found(fault.target), fault.time);
      case "stuck":
        return this.world.workers.get(found(fault.target)?.process.name ?? "")?.stick();
      case "pause":
        return this.#pause(fault.time);
      case "redis":
        return this.#redisAway(fault.time, fault.isPowerCut);
      case "copy": {
        const copy = this.copies[fault.copy % this.copies.length]!;
        copy.kill();
        return void setTimeout(() => copy.start(), fault.time);
      }
      case "streams":
        return this.copies[fault.copy % this.copies.length]!.dropStreams();
    }
  }

  #kill(running: Running | undefined): void {
    if (!running) return;
    const { process } = running;
    process.isAlive = false;
    // In Redis, a key is handed out again only when its lock has lapsed.
    if (this.#file) this.world.strike(process.taken);
    process.onKilled();
    this.world.workers.get(process.name)?.stick();
    for (const client of this.server.clients) if (client.process === process) this.server.clients.delete(client);
    if (this.world.random(2) === 0) for (const copy of this.copies) copy.leave(process);
    this.#again(running);
  }

  #freeze(running: Running | undefined, time: number): void {
    if (running) running.process.frozenUntil = Date.now() + time;
  }

  #pause(time: number): void {
    this.server.data.isPaused = true;
    setTimeout(() => {
      this.server.data.isPaused = false;
      this.server.wake();
    }, time);
  }

  /** Redis is killed, and started again after a time. With a power cut, it has lost what was not on disk. */
  #redisAway(time: number, isPowerCut: boolean): void {
    const { outage } = this.world;
    // A power cut after the last record cannot be told from one after the end of the batch.
    if (!outage.isUp || (isPowerCut && [...this.runs.keys()].every((key) => this.server.isRecorded(key)))) return;
    this.#outages++;
    outage.isUp = false;
    // Anything of the last second may come again.
    if (isPowerCut) this.world.strike(this.runs.keys());
    setTimeout(() => {
      outage.isUp = true;
      if (isPowerCut) this.server.powerCut();
      for (const client of this.server.clients) client.emit("ready");
      for (const goOn of outage.parked.splice(0)) goOn();
      this.server.wake();
    }, time);
  }

  /** Stops a process, and checks that it gives everything back. */
  async #stop(running: Running, grace: number): Promise<void> {
    const { process, batch, worker } = running;
    if (running.isStopping) return;
    running.isStopping = true;
    const begun = Date.now();
    const outages = this.world.outage.isUp ? this.#outages : -1;
    await (batch ?? worker)!.stop({ grace });
    if (!process.isAlive) return;
    const isDisturbed = process.frozenUntil > begun || outages !== this.#outages;
    const kept = [...process.taken];
    const calls = this.copies.reduce((sum, copy) => sum + copy.callsOf(process), 0);
    const late = Date.now() - begun - grace;
    if (!isDisturbed && late > STOP) this.deviations.push(`A stop took ${late} ms longer than its grace.`);
    if (!isDisturbed && kept.length > 0) this.deviations.push(`A stopped process did not give back ${kept.join()}.`);
    if (!isDisturbed && calls > 0) this.deviations.push(`A stopped process has ${calls} calls.`);
    await batch?.close();
  }
}

/** Resolves when no promise can go on without the clock. */
function drained(): Promise<void> {
  return new Promise((resolve) => {
    nextTurn(resolve);
  });
}
