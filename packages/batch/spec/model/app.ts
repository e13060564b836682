import { AppError, CancelledError, ConnectionError, type EndpointInfo, QueueFullError } from "@gradio-rx/node";
import type { BatchClient } from "../../src/copies/copy.ts";
import type { RunOutcome } from "./plans.ts";
import type { ModelProcess, World } from "./world.ts";

/** Runs of one key, counted at the app. */
export interface KeyRuns {
  submits: number;
  begun: number;
  failed: number;
}

/** A call at a copy. */
interface Call {
  value: number;
  outcome: RunOutcome;
  process: ModelProcess;
  isRunning: boolean;
  timer: NodeJS.Timeout | undefined;
  onStart: () => void;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

/** Maximum number of calls that run in a copy. */
const LIMIT = 2;

/** Returns the key of an input of the model. */
export function keyOf(value: number): string {
  return `n${value}`;
}

/** A copy of the app in the model. Its endpoint doubles a number. */
export class ModelCopy {
  readonly name: string;
  readonly #world: World;
  /** Runs by key, of all copies. */
  readonly #runs: Map<string, KeyRuns>;
  /** Calls in the order in which they came. */
  readonly #calls = new Set<Call>();
  #isUp = true;

  constructor(name: string, world: World, runs: Map<string, KeyRuns>) {
    this.name = name;
    this.#world = world;
    this.#runs = runs;
  }

  /** Number of calls of a process that wait or run. */
  callsOf(process: ModelProcess): number {
    return [...this.#calls].filter((call) => call.process === process).length;
  }

  /** Kills the copy. Everything in it is lost. */
  kill(): void {
    this.#isUp = false;
    for (const call of this.#calls) {
      if (call.isRunning) this.#world.strike([keyOf(call.value)]);
      clearTimeout(call.timer);
      this.#later(() => call.process.isAlive && call.reject(new ConnectionError("closed", { accepted: true })));
    }
    this.#calls.clear();
  }

  start(): void {
    this.#isUp = true;
  }

  /** Ends the connections of the clients. The calls go on, and their results are lost. */
  dropStreams(): void {
    for (const call of this.#calls) {
      this.#world.strike([keyOf(call.value)]);
      const { reject, process } = call;
      call.reject = call.resolve = () => undefined;
      this.#later(() => process.isAlive && reject(new ConnectionError("reset", { accepted: null })));
    }
  }

  /** Cancels the calls of a process that was killed. An app may notice it or not. */
  leave(process: ModelProcess): void {
    for (const call of this.#calls) if (call.process === process) this.#end(call);
  }

  /** Connects a process. */
  async connect(process: ModelProcess): Promise<BatchClient> {
    await this.#world.command(process, null, () => this.#check());
    const submit = (_: string, [value]: [number], { signal }: { signal: AbortSignal }): unknown =>
      this.#submit(process, value, signal);
    const endpoints = [{ name: "/double", index: 0, stateful: false } as EndpointInfo];
    return { endpoints, submit, close: async () => undefined } as unknown as BatchClient;
  }

  #check(): void {
    if (!this.#isUp) throw new ConnectionError("refused", { accepted: false });
  }

  #submit(process: ModelProcess, value: number, signal: AbortSignal) {
    let onStatus: ((status: { stage: string }) => void) | null = null;
    const onStart = (): void => this.#later(() => onStatus?.({ stage: "processing" }));
    const result = new Promise<unknown>((resolve, reject) => {
      const call = { value, process, isRunning: false, timer: undefined, onStart, resolve, reject };
      this.#world.command(process, null, () => this.#accept(call, signal)).catch(reject);
    });
    const on = (_: "status", listener: typeof onStatus) => {
      onStatus = listener;
      return () => void (onStatus = null);
    };
    return { on, result: () => result };
  }

  #accept(sent: Omit<Call, "outcome">, signal: AbortSignal): void {
    this.#check();
    if (signal.aborted) throw new CancelledError("cancelled");
    const { value, process } = sent;
    const runs = this.#runs.get(keyOf(value))!;
    const outcome = this.#world.plan.inputs[value]!.outcomes[runs.submits++] ?? "succeeds";
    if (outcome === "refused") throw new QueueFullError("full");
    const call: Call = { ...sent, outcome };
    this.#calls.add(call);
    const cancel = (): void => {
      if (!this.#calls.has(call) || !process.isAlive) return;
      if (call.isRunning) this.#world.strike([keyOf(value)]);
      this.#end(call);
      call.reject(new CancelledError("cancelled"));
    };
    signal.addEventListener("abort", cancel, { once: true });
    this.#turn();
  }

  #turn(): void {
    const running = [...this.#calls].filter(({ isRunning }) => isRunning).length;
    const waiting = [...this.#calls].filter(({ isRunning }) => !isRunning);
    for (const call of waiting.slice(0, LIMIT - running)) this.#run(call);
  }

  #run(call: Call): void {
    const { value, outcome } = call;
    const runs = this.#runs.get(keyOf(value))!;
    runs.begun++;
    call.isRunning = true;
    call.onStart();
    call.timer = setTimeout(() => {
      this.#end(call);
      if (outcome === "kills" && call.process.isAlive) return this.#world.onKill(call.process);
      if (outcome === "fails") runs.failed++;
      this.#later(() => this.#answer(call));
    }, this.#world.plan.inputs[value]!.time);
  }

  #end(call: Call): void {
    clearTimeout(call.timer);
    this.#calls.delete(call);
    this.#turn();
  }

  /** Delivers an answer to the process, which may be killed just before. */
  #answer({ process, value, outcome, resolve, reject }: Call): void {
    if (process.isAlive) this.#world.step(process);
    if (!process.isAlive) return;
    if (outcome === "fails") reject(new AppError("failed"));
    else resolve(value * 2);
  }

  #later(work: () => unknown): void {
    setTimeout(work, this.#world.random(4));
  }
}
