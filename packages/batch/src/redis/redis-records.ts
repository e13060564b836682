import type { Redis } from "ioredis";
import { InputError } from "@gradio-rx/node";
import type { StoredRecord } from "../records.ts";
import { layout, type Placed, type Rules, type Task, type Tries } from "../store/store.ts";

/** Number of records or inputs that are read at once. */
const GROUP = 500;
/** Age up to which a record is new, in milliseconds. A power cut may lose the last second; the clocks of two machines may differ. */
const NEW = 10_000;

/** Keeps a record unless its key has one, and forgets the earlier runs of the key. */
const recordScript = `
  redis.call('HDEL', KEYS[4], ARGV[1])
  redis.call('HDEL', KEYS[5], ARGV[1])
  if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 0 end
  local place = redis.call('XADD', KEYS[2], '*', 'record', ARGV[3])
  redis.call('HSET', KEYS[1], ARGV[1], place)
  redis.call('HINCRBY', KEYS[3], ARGV[2], 1)
  return 1
`;

/** Removes the record at a place, and keeps its input. */
const retryScript = `
  if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('XDEL', KEYS[2], ARGV[2])
  redis.call('HINCRBY', KEYS[3], 'failed', -1)
  redis.call('HSET', KEYS[5], ARGV[1], ARGV[3])
  return 1
`;

/** Rules, records, earlier runs, and dead letters to run again, in Redis. They are outside of the jobs, which are removed when they are done. */
export class RedisRecords {
  readonly #redis: Redis;
  readonly #rules: string;
  /** Keys of the scripts: a hash of places, the stream of records, the numbers, the earlier runs, and the inputs to run again. */
  readonly #keys: readonly [places: string, records: string, counts: string, tries: string, retried: string];

  /** @param prefix - beginning of all keys of the batch. */
  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#rules = `${prefix}:rules`;
    this.#keys = [`${prefix}:places`, `${prefix}:records`, `${prefix}:counts`, `${prefix}:tries`, `${prefix}:retried`];
  }

  /** @returns the rules that the batch had before; `null` for a new batch. */
  async begin(rules: Rules): Promise<Rules | null> {
    const text = JSON.stringify({ layout, rules });
    if ((await this.#redis.set(this.#rules, text, "NX")) !== null) return null;
    return await this.rules();
  }

  /** @throws InputError where another version of this package made the batch. */
  async rules(): Promise<Rules | null> {
    const text = await this.#redis.get(this.#rules);
    if (text === null) return null;
    const stored = JSON.parse(text) as { layout: number; rules: Rules };
    if (stored.layout !== layout)
      throw new InputError(
        `The batch in Redis has the layout ${stored.layout}, but this version of @gradio-rx/batch uses ${layout}. ` +
          "Use one version in all processes, or another name.",
        { parameter: "store" },
      );
    return stored.rules;
  }

  async setRules(rules: Rules): Promise<void> {
    await this.#redis.set(this.#rules, JSON.stringify({ layout, rules }));
  }

  async recorded(keys: readonly string[]): Promise<Array<boolean | "new">> {
    if (keys.length === 0) return [];
    const places = await this.#redis.hmget(this.#keys[0], ...keys);
    const oldest = Date.now() - NEW;
    // A place begins with its time.
    return places.map((place) => place !== null && (Number.parseInt(place, 10) < oldest || "new"));
  }

  /** Returns in one round trip whether a key is recorded, and its earlier runs. */
  async ask(key: string): Promise<{ recorded: boolean; tries: Tries }> {
    const [places, , , tries] = this.#keys;
    const [recorded, text] = await Promise.all([this.#redis.hexists(places, key), this.#redis.hget(tries, key)]);
    const none = { failures: 0, losses: 0, app: null };
    return { recorded: recorded === 1, tries: text === null ? none : (JSON.parse(text) as Tries) };
  }

  async setTries(key: string, tries: Tries): Promise<void> {
    await this.#redis.hset(this.#keys[3], key, JSON.stringify(tries));
  }

  async record(record: StoredRecord): Promise<boolean> {
    const outcome = record.error ? "failed" : "succeeded";
    const kept = await this.#redis.eval(recordScript, 5, ...this.#keys, record.key, outcome, JSON.stringify(record));
    return kept === 1;
  }

  async read(after: string | null, limit: number): Promise<Placed[]> {
    const start = after === null ? "-" : `(${after}`;
    const entries = await this.#redis.xrange(this.#keys[1], start, "+", "COUNT", limit);
    return entries.map(([place, [, json]]) => ({ place, record: JSON.parse(json!) as StoredRecord }));
  }

  async counts(): Promise<{ succeeded: number; failed: number }> {
    const { succeeded = 0, failed = 0 } = await this.#redis.hgetall(this.#keys[2]);
    return { succeeded: Number(succeeded), failed: Number(failed) };
  }

  async retry(keys: readonly string[] | undefined): Promise<number> {
    let number = 0;
    for await (const group of keys ? this.#named(keys) : this.#all())
      for (const { place, record } of group) {
        if (!record.error || record.input === undefined) continue;
        const args = [record.key, place, JSON.stringify(record.input)];
        number += Number(await this.#redis.eval(retryScript, 5, ...this.#keys, ...args));
      }
    return number;
  }

  async *retried(): AsyncIterable<Task[]> {
    for await (const found of this.#redis.hscanStream(this.#keys[4], { count: GROUP })) {
      const fields = found as string[];
      const tasks = fields.flatMap((key, at) =>
        at % 2 === 0 ? [{ key, input: JSON.parse(fields[at + 1]!) as unknown }] : [],
      );
      yield tasks;
    }
  }

  async *#all(): AsyncIterable<Placed[]> {
    let place: string | null = null;
    for (;;) {
      const group = await this.read(place, GROUP);
      if (group.length === 0) return;
      yield group;
      place = group.at(-1)!.place;
    }
  }

  async *#named(keys: readonly string[]): AsyncIterable<Placed[]> {
    for (const key of keys) {
      const place = await this.#redis.hget(this.#keys[0], key);
      if (place === null) continue;
      const entries = await this.#redis.xrange(this.#keys[1], place, place);
      yield entries.map(([at, [, json]]) => ({ place: at, record: JSON.parse(json!) as StoredRecord }));
    }
  }
}
