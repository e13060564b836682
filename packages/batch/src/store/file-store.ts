import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { FileDatabase } from "./file-database.ts";
import { FileQueue } from "./file-queue.ts";
import { InputError } from "@gradio-rx/node";
import type {
  Asked,
  Consumer,
  ConsumerOptions,
  Counts,
  Handle,
  OpenStore,
  Placed,
  Rules,
  Store,
  Task,
  Tries,
} from "./store.ts";
import type { StoredRecord } from "../records.ts";

/**
 * Returns a store in one SQLite file, for one process. Another process that opens the file gets an `InputError`; the lock ends with
 * its process. A process that is killed loses no record. The lock is an empty file beside the store, whose name ends with `-lock`.
 *
 * @param path - path of the file. It is created when a batch begins.
 * @example `runBatch({ store: fileStore("captions.sqlite"), … })`, or for short `store: "captions.sqlite"`.
 */
export function fileStore(path: string): Store {
  return { open: async ({ readOnly = false }) => openFile(path, readOnly) };
}

/** Files that are open in this process, with the number of their users. */
const open = new Map<string, { store: FileStore; users: number }>();

function openFile(path: string, readOnly: boolean): OpenStore {
  const file = realPath(path);
  let entry = open.get(file);
  if (readOnly && !entry) {
    const store = new FileStore(new FileDatabase(file, { readOnly }));
    return new SharedFile(store, () => store.end());
  }
  if (!entry) open.set(file, (entry = { store: new FileStore(new FileDatabase(file)), users: 0 }));
  entry.users++;
  return new SharedFile(entry.store, () => {
    if (--entry.users > 0) return;
    open.delete(file);
    entry.store.end();
  });
}

/** Returns the path of a file that may not exist yet, with links of its folder resolved. */
function realPath(path: string): string {
  const absolute = resolve(path);
  try {
    return join(realpathSync(dirname(absolute)), basename(absolute));
  } catch (cause) {
    throw new InputError(`The folder of the store ${JSON.stringify(path)} does not exist. Create it.`, { cause });
  }
}

/** Database and queue of one file. */
class FileStore {
  readonly database: FileDatabase;
  readonly queue: FileQueue;

  constructor(database: FileDatabase) {
    this.database = database;
    this.queue = new FileQueue();
  }

  end(): void {
    this.queue.end();
    this.database.close();
  }
}

/** One user's view of an open file. */
class SharedFile implements OpenStore {
  readonly isShared = false;
  readonly #database: FileDatabase;
  readonly #queue: FileQueue;
  #release: (() => void) | null;

  constructor({ database, queue }: FileStore, release: () => void) {
    this.#database = database;
    this.#queue = queue;
    this.#release = release;
  }

  async begin(rules: Rules): Promise<void> {
    this.#database.begin(rules);
  }
  async rules(): Promise<Rules | null> {
    return this.#database.rules();
  }
  async recorded(keys: readonly string[]): Promise<boolean[]> {
    return keys.map((key) => this.#database.isRecorded(key));
  }
  async add(tasks: readonly Task[]): Promise<void> {
    this.#queue.add(tasks);
  }
  /** A task that is handed out counts as lost until it is handled, so that a process that dies leaves the count behind. */
  consume(handle: Handle, options: ConsumerOptions): Consumer {
    return this.#queue.consume(async (task) => {
      this.#database.addLoss(task.key, 1);
      const handled = await handle(task);
      if (handled !== "recorded") this.#database.addLoss(task.key, -1);
      return handled;
    }, options);
  }
  async ask(key: string): Promise<Asked> {
    const { losses, ...tries } = this.#database.tries(key);
    return { recorded: this.#database.isRecorded(key), tries: { ...tries, losses: losses - 1 } };
  }
  async setTries(key: string, tries: Tries): Promise<void> {
    this.#database.setTries(key, { ...tries, losses: tries.losses + 1 });
  }
  async record(record: StoredRecord): Promise<boolean> {
    return this.#database.record(record);
  }
  async read(after: string | null, limit: number): Promise<Placed[]> {
    return this.#database.read(after, limit);
  }
  async counts(): Promise<Counts> {
    return { ...this.#database.counts, queued: this.#queue.waiting, running: this.#queue.running };
  }
  async retry(keys: readonly string[] | undefined): Promise<number> {
    return this.#database.retry(keys);
  }
  async *retried(): AsyncIterable<Task[]> {
    yield* this.#database.retried();
  }
  async setPaused(paused: boolean): Promise<void> {
    this.#queue.setPaused(paused);
  }
  async isPaused(): Promise<boolean> {
    return this.#queue.isPaused;
  }
  onReconnect(): () => void {
    return () => undefined;
  }
  async close(): Promise<void> {
    this.#release?.();
    this.#release = null;
  }
}
