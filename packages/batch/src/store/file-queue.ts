import type { Consumer, ConsumerOptions, Handle, Task } from "./store.ts";

interface Reader {
  handle: Handle;
  options: ConsumerOptions;
  running: number;
  isOpen: boolean;
  /** Called when the last task of a closed reader has been handled. */
  onIdle: (() => void) | null;
}

/** Tasks of this process that wait for its workers. Nothing of it has to survive: the inputs are read again after a restart. */
export class FileQueue {
  readonly #tasks: Task[] = [];
  /** Keys that wait, run, or are delayed. */
  readonly #keys = new Set<string>();
  readonly #readers = new Set<Reader>();
  readonly #timers = new Set<NodeJS.Timeout>();
  isPaused = false;
  running = 0;

  /** Number of tasks that wait, also for the end of a delay. */
  get waiting(): number {
    return this.#keys.size - this.running;
  }

  add(tasks: readonly Task[]): void {
    for (const task of tasks) {
      if (this.#keys.has(task.key)) continue;
      this.#keys.add(task.key);
      this.#tasks.push(task);
    }
    this.#turn();
  }

  setPaused(paused: boolean): void {
    this.isPaused = paused;
    this.#turn();
  }

  consume(handle: Handle, options: ConsumerOptions): Consumer {
    const reader: Reader = { handle, options, running: 0, isOpen: true, onIdle: null };
    this.#readers.add(reader);
    this.#turn();
    return {
      close: () =>
        new Promise((resolve) => {
          reader.isOpen = false;
          this.#readers.delete(reader);
          if (reader.running === 0) resolve();
          else reader.onIdle = resolve;
        }),
    };
  }

  end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#readers.clear();
  }

  #turn(): void {
    while (!this.isPaused && this.#tasks.length > 0) {
      const reader = [...this.#readers].find(({ running, options }) => running < options.concurrency);
      if (!reader) return;
      void this.#run(reader, this.#tasks.shift()!);
    }
  }

  async #run(reader: Reader, task: Task): Promise<void> {
    reader.running++;
    this.running++;
    try {
      const handled = await reader.handle(task);
      if (handled === "recorded") this.#keys.delete(task.key);
      else this.#delay(task, handled.again);
    } catch (error) {
      this.#delay(task, 0);
      this.#readers.delete(reader);
      reader.options.onFatal(error);
    } finally {
      reader.running--;
      this.running--;
      if (reader.running === 0) reader.onIdle?.();
      this.#turn();
    }
  }

  #delay(task: Task, delay: number): void {
    if (delay === 0) return void this.#tasks.push(task);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#tasks.push(task);
      this.#turn();
    }, delay);
    this.#timers.add(timer);
  }
}
