import type { Fault, Plan } from "./plans.ts";

/** A process of the model. A killed process never receives another answer, so nothing that its code still does has an effect. */
export interface ModelProcess {
  /** Number of the place in the plan: 0 is the process that feeds. */
  readonly slot: number;
  /** Unique name, also the host of its Redis address. */
  readonly name: string;
  isAlive: boolean;
  /** Time until which it does not execute anything, as a process whose event loop is blocked. */
  frozenUntil: number;
  /** Keys that were handed out to it, and that it has not handled. */
  readonly taken: Set<string>;
  /** Called when it is killed. */
  onKilled: () => void;
  /** Time of the last effect on its connection: commands of one connection are executed in their order. */
  lastEffect: number;
}

/** Number of times that a kill, an outage, a freeze or a stop struck a key in flight, so that it was handed out again. */
export type Strikes = Map<string, number>;

/** Server of the model that can be away. */
export interface Outage {
  isUp: boolean;
  /** Continue when the server is back. */
  readonly parked: Array<() => void>;
}

/** Everything around the processes: time, random numbers, the faults of a plan, and what was counted. */
export class World {
  readonly plan: Plan;
  readonly processes = new Map<string, ModelProcess>();
  /** Worker of each process, by its name. */
  readonly workers = new Map<string, { stick(): void }>();
  readonly strikes: Strikes = new Map();
  readonly outage: Outage = { isUp: true, parked: [] };
  /** Steps so far. Each command has two: before its effect, and between its effect and its answer. */
  steps = 0;
  /** Set by the owner of the world: applies a fault at a step of a process. */
  onFault: (fault: Fault, actor: ModelProcess | null) => void = () => undefined;
  /** Set by the owner of the world: kills a process. */
  onKill: (process: ModelProcess) => void = () => undefined;
  readonly #faults: Fault[];
  #state: number;

  constructor(plan: Plan) {
    this.plan = plan;
    this.#faults = plan.faults.toSorted((a, b) => a.step - b.step);
    this.#state = plan.seed | 0;
  }

  /** Returns a whole number from 0 to below a limit. */
  random(limit: number): number {
    // Mulberry32.
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  /** Counts a step, and applies the faults that are due. */
  step(actor: ModelProcess | null): void {
    this.steps++;
    while (this.#faults.length > 0 && this.#faults[0]!.step <= this.steps) this.onFault(this.#faults.shift()!, actor);
  }

  /** Ends the faults: what follows is not disturbed. */
  calm(): void {
    this.#faults.length = 0;
  }

  /** Counts a strike for the keys that a process has taken. */
  strike(keys: Iterable<string>): void {
    for (const key of keys) this.strikes.set(key, (this.strikes.get(key) ?? 0) + 1);
  }

  /**
   * Executes a command of a process: after a random time it takes effect, and after another one its answer arrives. Faults strike before
   * the effect, and between the effect and the answer. A command whose answer is lost with the connection is sent again.
   */
  command<T>(process: ModelProcess, outage: Outage | null, effect: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const send = (): void => {
        const at = Math.max(Date.now() + this.random(4), process.lastEffect, process.frozenUntil);
        process.lastEffect = at;
        setTimeout(arrive, at - Date.now());
      };
      const arrive = (): void => {
        if (!process.isAlive) return;
        if (process.frozenUntil > Date.now()) return send();
        this.step(process);
        if (!process.isAlive) return;
        if (outage && !outage.isUp) return void outage.parked.push(send);
        const answer = settle(effect);
        this.step(process);
        if (this.random(2) === 0) return deliver(answer);
        setTimeout(() => deliver(answer), this.random(4));
      };
      const deliver = (answer: () => T): void => {
        if (!process.isAlive) return;
        if (outage && !outage.isUp) return void outage.parked.push(send);
        if (process.frozenUntil > Date.now()) return void setTimeout(deliver, process.frozenUntil - Date.now(), answer);
        try {
          resolve(answer());
        } catch (error) {
          reject(error);
        }
      };
      send();
    });
  }

  /** Answers a question that does not belong to the order of a record, such as one for the progress, without a step. */
  glance<T>(process: ModelProcess, outage: Outage, answer: () => T): Promise<T> {
    return new Promise((resolve) => {
      const give = (): void => {
        if (!process.isAlive) return;
        if (outage.isUp) resolve(answer());
        else outage.parked.push(give);
      };
      give();
    });
  }
}

function settle<T>(work: () => T): () => T {
  try {
    const value = work();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

let current: World | null = null;

/** Returns the world of the schedule that runs. */
export function theWorld(): World {
  return current!;
}

/** Sets the world in which clients of Redis are made from now on. */
export function enter(world: World): void {
  current = world;
}
