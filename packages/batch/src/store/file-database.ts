import Database from "better-sqlite3";
import { GradioError, InputError } from "@gradio-rx/node";
import { anotherEndpoint } from "./rules.ts";
import { layout, type Placed, type Rules, type Task, type Tries } from "./store.ts";
import type { StoredRecord } from "../records.ts";

const schema = `
  CREATE TABLE IF NOT EXISTS rules (id INTEGER PRIMARY KEY CHECK (id = 1), json TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS records (
    place INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, failed INTEGER NOT NULL, json TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS failures ON records (key) WHERE failed = 1;
  CREATE TABLE IF NOT EXISTS tries (
    key TEXT PRIMARY KEY, failures INTEGER NOT NULL, losses INTEGER NOT NULL, app TEXT) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS retried (key TEXT PRIMARY KEY, input TEXT NOT NULL) WITHOUT ROWID;
`;

/** Number of inputs that `retried` reads at once. */
const GROUP = 500;

/** Time for which a reader waits for a process that opens or closes the file, in milliseconds. */
const READING = 5_000;

/** The SQLite file of a batch: rules, records, earlier runs, and dead letters to run again. */
export class FileDatabase {
  readonly #database: Database.Database;
  readonly #lock: Database.Database | null;
  readonly #statements: ReturnType<typeof prepare>;
  /** Numbers of records. Kept here, because SQLite would count each row. */
  readonly #counts: { succeeded: number; failed: number };

  /**
   * @param readOnly - whether the file is only read. Another process may have it open.
   * @throws InputError where another process has the file open, or it is not a store of this version.
   */
  constructor(path: string, { readOnly = false }: { readOnly?: boolean } = {}) {
    this.#lock = readOnly ? null : lockFile(path);
    try {
      this.#database = readOnly ? openReadOnly(path) : openDatabase(path);
    } catch (error) {
      this.#lock?.close();
      throw error;
    }
    this.#statements = prepare(this.#database);
    this.#counts = this.#counted();
  }

  /** Numbers of records. */
  get counts(): { succeeded: number; failed: number } {
    return this.#lock ? this.#counts : this.#counted();
  }

  begin(rules: Rules): void {
    const known = this.rules();
    if (known && known.endpoint !== rules.endpoint) throw anotherEndpoint(known, rules);
    write(() => this.#statements.setRules.run(JSON.stringify(rules)));
  }

  rules(): Rules | null {
    const row = this.#statements.rules.get();
    return row ? (JSON.parse(row.json) as Rules) : null;
  }

  isRecorded(key: string): boolean {
    return this.#statements.isRecorded.get(key) !== undefined;
  }

  tries(key: string): Tries {
    return this.#statements.tries.get(key) ?? { failures: 0, losses: 0, app: null };
  }

  setTries(key: string, { failures, losses, app }: Tries): void {
    write(() => this.#statements.setTries.run(key, failures, losses, app));
  }

  addLoss(key: string, number: 1 | -1): void {
    write(() => this.#statements.addLoss.run(key, number));
  }

  /** Writes a record, and forgets the earlier runs of its key, in one transaction. */
  record(record: StoredRecord): boolean {
    const failed = record.error ? 1 : 0;
    const isKept = write(() =>
      this.#database.transaction(() => {
        const { changes } = this.#statements.record.run(record.key, failed, JSON.stringify(record));
        this.#statements.forgetTries.run(record.key);
        this.#statements.forgetRetried.run(record.key);
        return changes > 0;
      })(),
    );
    if (isKept) this.#counts[failed ? "failed" : "succeeded"]++;
    return isKept;
  }

  read(after: string | null, limit: number): Placed[] {
    return this.#statements.read
      .all(Number(after ?? 0), limit)
      .map(({ place, json }) => ({ place: String(place), record: JSON.parse(json) as StoredRecord }));
  }

  /** Removes records of failures that have an input. All of them, where no keys are given. */
  retry(keys: readonly string[] | undefined): number {
    const removed = write(() =>
      this.#database.transaction(() => {
        let number = 0;
        const rows = keys ? keys.flatMap((key) => this.#statements.failure.all(key)) : this.#statements.failures.all();
        for (const { key, json } of rows) {
          const { input } = JSON.parse(json) as StoredRecord;
          if (input === undefined) continue;
          this.#statements.addRetried.run(key, JSON.stringify(input));
          this.#statements.removeRecord.run(key);
          number++;
        }
        return number;
      })(),
    );
    this.#counts.failed -= removed;
    return removed;
  }

  *retried(): Iterable<Task[]> {
    let after = "";
    for (;;) {
      const rows = this.#statements.retried.all(after, GROUP);
      if (rows.length === 0) return;
      after = rows.at(-1)!.key;
      yield rows.map(({ key, input }) => ({ key, input: JSON.parse(input) as unknown }));
    }
  }

  close(): void {
    this.#database.close();
    this.#lock?.close();
  }

  #counted(): { succeeded: number; failed: number } {
    const { failed, total } = this.#statements.count.get()!;
    return { succeeded: total - failed, failed };
  }
}

function prepare(database: Database.Database) {
  const row = <Args extends unknown[], Row>(sql: string): Database.Statement<Args, Row> =>
    database.prepare<Args, Row>(sql);
  type Key = [key: string];
  return {
    count: row<[], { failed: number; total: number }>(
      "SELECT COUNT(*) AS total, (SELECT COUNT(*) FROM records WHERE failed = 1) AS failed FROM records",
    ),
    rules: row<[], { json: string }>("SELECT json FROM rules"),
    setRules: row<[string], never>("INSERT OR REPLACE INTO rules (id, json) VALUES (1, ?)"),
    isRecorded: row<Key, { place: number }>("SELECT place FROM records WHERE key = ?"),
    tries: row<Key, Tries>("SELECT failures, losses, app FROM tries WHERE key = ?"),
    setTries: row<[string, number, number, string | null], never>(
      "INSERT OR REPLACE INTO tries (key, failures, losses, app) VALUES (?, ?, ?, ?)",
    ),
    addLoss: row<[string, number], never>(
      "INSERT INTO tries (key, failures, losses) VALUES (?, 0, ?) ON CONFLICT (key) DO UPDATE SET losses = losses + excluded.losses",
    ),
    forgetTries: row<Key, never>("DELETE FROM tries WHERE key = ?"),
    record: row<[string, number, string], never>("INSERT OR IGNORE INTO records (key, failed, json) VALUES (?, ?, ?)"),
    removeRecord: row<Key, never>("DELETE FROM records WHERE key = ?"),
    read: row<[number, number], { place: number; json: string }>(
      "SELECT place, json FROM records WHERE place > ? ORDER BY place LIMIT ?",
    ),
    failure: row<Key, { key: string; json: string }>("SELECT key, json FROM records WHERE key = ? AND failed = 1"),
    failures: row<[], { key: string; json: string }>("SELECT key, json FROM records WHERE failed = 1"),
    addRetried: row<[string, string], never>("INSERT OR REPLACE INTO retried (key, input) VALUES (?, ?)"),
    forgetRetried: row<Key, never>("DELETE FROM retried WHERE key = ?"),
    retried: row<[string, number], { key: string; input: string }>(
      "SELECT key, input FROM retried WHERE key > ? ORDER BY key LIMIT ?",
    ),
  };
}

/**
 * Locks a store for this process by a file beside it, so that other processes can read the store meanwhile. The system releases the lock
 * when the process ends. The file is empty, and stays: another process may be about to lock it.
 */
function lockFile(path: string): Database.Database {
  let lock: Database.Database | undefined;
  try {
    lock = new Database(`${path}-lock`, { timeout: 0 });
    lock.pragma("journal_mode = MEMORY");
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock?.close();
    throw openingFailed(path, error);
  }
}

function openDatabase(path: string): Database.Database {
  return checked(path, { timeout: 0 }, (database) => {
    // Others can read the file while this process writes.
    database.pragma("journal_mode = WAL");
    // A killed process loses nothing. After a power cut, the last records may be missing, and their inputs run again.
    database.pragma("synchronous = NORMAL");
    const version = versionOf(database);
    if (version !== 0 && version !== layout) throw anotherVersion(path, version);
    database.exec(schema);
    database.pragma(`user_version = ${layout}`);
  });
}

function openReadOnly(path: string): Database.Database {
  return checked(path, { readonly: true, fileMustExist: true, timeout: READING }, (database) => {
    const version = versionOf(database);
    if (version === 0) throw new InputError(`The store ${JSON.stringify(path)} has no batch.`, { parameter: "store" });
    if (version !== layout) throw anotherVersion(path, version);
  });
}

/** Opens a database, and closes it again if the check fails. */
function checked(
  path: string,
  options: Database.Options,
  check: (database: Database.Database) => void,
): Database.Database {
  let database: Database.Database | undefined;
  try {
    database = new Database(path, options);
    check(database);
    return database;
  } catch (error) {
    database?.close();
    throw error instanceof InputError ? error : openingFailed(path, error);
  }
}

function versionOf(database: Database.Database): number {
  return Number(database.pragma("user_version", { simple: true }));
}

function anotherVersion(path: string, version: number): InputError {
  return new InputError(
    `The store ${JSON.stringify(path)} has the layout ${version}, but this version of @gradio-rx/batch uses ${layout}. ` +
      "Use the version that made it, or another file.",
    { parameter: "store" },
  );
}

function openingFailed(path: string, cause: unknown): GradioError {
  const name = JSON.stringify(path);
  const code = codeOf(cause);
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED"))
    return new InputError(
      `The store ${name} is open in another process. A file serves one process at a time: wait for it, or use redisStore.`,
      { parameter: "store", cause },
    );
  const message = cause instanceof Error ? cause.message : String(cause);
  return new InputError(`The store ${name} cannot be opened: ${message}. Check the path.`, {
    parameter: "store",
    cause,
  });
}

/** Runs a write. Its error says what happened to the batch. */
function write<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const isFull = codeOf(cause) === "SQLITE_FULL";
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new GradioError(
      `The store could not be written: ${message}. ` +
        `${isFull ? "Free some space, and run" : "Run"} the batch again: what is recorded is kept.`,
      { cause },
    );
  }
}

function codeOf(error: unknown): string {
  return error instanceof Database.SqliteError ? error.code : "";
}
