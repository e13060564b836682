import type { StoredRecord } from "../records.ts";

/** One input, ready to be run. */
export interface Task {
  key: string;
  /** Data of the call. */
  input: unknown;
}

/** Rules of a batch, which the store keeps for workers in other processes. */
export interface Rules {
  endpoint: string | number | null;
  /** Call options that can be written as JSON. */
  call: Readonly<Record<string, unknown>>;
  attempts: number;
  backoff: number;
  resubmit: boolean;
}

/** Runs of a key that had no result. */
export interface Tries {
  /** Runs that failed by the input. */
  failures: number;
  /** Runs that ended without an outcome: their process died, or the connection was lost. */
  losses: number;
  /** App of the last of them. */
  app: string | null;
}

/** Answer to the question that a worker asks before each run. */
export interface Asked {
  recorded: boolean;
  tries: Tries;
}

/** End of the handling of a task: it is recorded, or it is handed out again after a delay in milliseconds. */
export type Handled = "recorded" | { again: number };

/** Handles a task. A rejection ends the batch. The task is handed out again then. */
export type Handle = (task: Task) => Promise<Handled>;

/** Settings of a consumer of tasks. */
export interface ConsumerOptions {
  /** Maximum number of tasks that are handled at a time. */
  concurrency: number;
  /** Called with an error after which the consumer cannot continue. */
  onFatal: (error: unknown) => void;
}

/** Takes tasks from the store while it is open. */
export interface Consumer {
  /** Takes no further task. Resolves when each task that was taken has been handled. */
  close(): Promise<void>;
}

/** Numbers of inputs in a store. */
export interface Counts {
  succeeded: number;
  failed: number;
  /** Inputs that wait for a worker. */
  queued: number;
  /** Inputs that a worker has taken. */
  running: number;
}

/** A record with its place in the order of records. Places grow. */
export interface Placed {
  place: string;
  record: StoredRecord;
}

/**
 * An open store: it hands out tasks, and keeps one record for each key.
 *
 * A task is handed out at least once. `record` is atomic: of two records for one key, the first is kept.
 */
export interface OpenStore {
  /** Whether tasks must be JSON, because other processes run them. */
  readonly isShared: boolean;
  /**
   * Writes the rules of a batch, and returns them.
   *
   * @throws InputError where the store belongs to another endpoint.
   */
  begin(rules: Rules): Promise<void>;
  /** Returns the rules; `null` while no batch has begun. */
  rules(): Promise<Rules | null>;
  /** Returns for each key whether it has a record. `"new"`: for a short time only, so that a power cut of the server may lose it. */
  recorded(keys: readonly string[]): Promise<Array<boolean | "new">>;
  /** Adds tasks. A key that waits or runs already is ignored. */
  add(tasks: readonly Task[]): Promise<void>;
  consume(handle: Handle, options: ConsumerOptions): Consumer;
  /** Returns whether a key is recorded, and its earlier runs. */
  ask(key: string): Promise<Asked>;
  /** Remembers the runs of a key that had no result. */
  setTries(key: string, tries: Tries): Promise<void>;
  /** Keeps a record unless its key has one. Returns whether it was kept. */
  record(record: StoredRecord): Promise<boolean>;
  /** Returns records in their order, after a place; from the first one with `null`. */
  read(after: string | null, limit: number): Promise<Placed[]>;
  counts(): Promise<Counts>;
  /** Removes the records of dead letters, and keeps their inputs until they are recorded again. Returns the number. */
  retry(keys: readonly string[] | undefined): Promise<number>;
  /** Returns inputs of removed dead letters that are not recorded yet, in groups. */
  retried(): AsyncIterable<Task[]>;
  setPaused(paused: boolean): Promise<void>;
  isPaused(): Promise<boolean>;
  /** Calls a listener when tasks may have been lost, as after a restart of a server. Returns a function that removes it. */
  onReconnect(listener: () => void): () => void;
  close(): Promise<void>;
}

/** A store that is opened when a batch or a worker starts. Made by `fileStore` or `redisStore`. */
export interface Store {
  /** Opens the store. Used by the package itself. */
  open(options: StoreOptions): Promise<OpenStore>;
}

/** Settings for opening a store. */
export interface StoreOptions {
  /** Receives warnings, such as about a server that does not write to disk. */
  warn: (message: string) => void;
  /** Whether the store is only read, beside a process that may have it open. Writes fail. Default `false`. */
  readOnly?: boolean | undefined;
}

/** Version of the layout of both stores. A store of another version is refused. */
export const layout = 1;
