import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { InputError } from "@gradio-rx/node";
import { hash } from "../key.ts";
import type { StoredRecord } from "../records.ts";
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
} from "../store/store.ts";
import { anotherEndpoint } from "../store/rules.ts";
import { BullConsumer } from "./bull-consumer.ts";
import { connectRedis, written } from "./connection.ts";
import { RedisRecords } from "./redis-records.ts";

/** Options of {@link redisStore}. */
export interface RedisStoreOptions {
  /** Address of Redis or Valkey, as in `redis://127.0.0.1:6379`. */
  url: string;
  /** Name of the batch, without colons. Processes with the same name work on the same batch. */
  name: string;
  /** Time for which an input is reserved for a process that does not renew it, in milliseconds, at least 1 000. Default 30 000. */
  lease?: number | undefined;
}

/** Beginning of all keys in Redis. */
const prefix = "gradio-rx";
const DEFAULT_LEASE = 30_000;
const SHORTEST_LEASE = 1_000;

/**
 * Returns a store in Redis, for any number of processes. BullMQ hands the inputs out. Inputs of a process that died are handed out again
 * within three times `lease`. Redis must not evict keys, and should have `appendonly yes`.
 *
 * @throws InputError for a name with a colon, or a lease that is too short.
 * @example `const store = redisStore({ url: "redis://127.0.0.1:6379", name: "captions" });`
 */
export function redisStore({ url, name, lease = DEFAULT_LEASE }: RedisStoreOptions): Store {
  if (typeof name !== "string" || name === "" || name.includes(":"))
    throw new InputError('The option "name" has to be a text without colons.', { parameter: "name" });
  if (!(lease >= SHORTEST_LEASE))
    throw new InputError(`The option "lease" has to be at least ${SHORTEST_LEASE} ms.`, { parameter: "lease" });
  return { open: async ({ warn }) => new RedisStore(await connectRedis(url, warn), name, lease) };
}

/** The batch of one name in Redis. */
class RedisStore implements OpenStore {
  readonly isShared = true;
  readonly #redis: Redis;
  readonly #queue: Queue<Task>;
  readonly #records: RedisRecords;
  readonly #lease: number;
  /** Processes that died with a task which this process runs, by key. */
  readonly #deaths = new Map<string, number>();

  constructor(redis: Redis, name: string, lease: number) {
    this.#redis = redis;
    this.#lease = lease;
    this.#queue = new Queue<Task>(name, { connection: redis, prefix });
    this.#queue.on("error", () => undefined);
    this.#records = new RedisRecords(redis, `${prefix}:${name}:batch`);
  }

  async begin(rules: Rules): Promise<void> {
    const known = await this.#records.begin(rules);
    if (known && known.endpoint !== rules.endpoint) throw anotherEndpoint(known, rules);
    if (known) await this.#records.setRules(rules);
  }
  async rules(): Promise<Rules | null> {
    return await this.#records.rules();
  }
  async recorded(keys: readonly string[]): Promise<Array<boolean | "new">> {
    return await this.#records.recorded(keys);
  }
  /** The id of a job is a hash of its key: BullMQ forbids colons and bare digits, and ignores a job whose id it has. */
  async add(tasks: readonly Task[]): Promise<void> {
    const rest = { removeOnComplete: true, removeOnFail: true, attempts: 1 };
    const jobs = tasks.map((task) => ({ name: "input", data: task, opts: { ...rest, jobId: `k${hash(task.key)}` } }));
    await written(this.#queue.addBulk(jobs));
  }
  consume(handle: Handle, options: ConsumerOptions): Consumer {
    const lease = this.#lease;
    const onTaken = (key: string, deaths: number): void => void this.#deaths.set(key, deaths);
    const counted: Handle = async (task) => {
      try {
        return await handle(task);
      } finally {
        this.#deaths.delete(task.key);
      }
    };
    // An input that is lost too often is a dead letter by the rules of this package, not a failed job.
    const maxStalledCount = Number.MAX_SAFE_INTEGER;
    const timing = { lockDuration: lease, stalledInterval: lease, maxStalledCount };
    const worker = { connection: this.#redis, prefix, ...timing };
    return new BullConsumer(counted, { ...options, queue: this.#queue, worker, lease, onTaken });
  }
  async ask(key: string): Promise<Asked> {
    const { recorded, tries } = await this.#records.ask(key);
    return { recorded, tries: { ...tries, losses: tries.losses + this.#deathsOf(key) } };
  }
  async setTries(key: string, tries: Tries): Promise<void> {
    await written(this.#records.setTries(key, { ...tries, losses: tries.losses - this.#deathsOf(key) }));
  }
  async record(record: StoredRecord): Promise<boolean> {
    return await written(this.#records.record(record));
  }
  async read(after: string | null, limit: number): Promise<Placed[]> {
    return await this.#records.read(after, limit);
  }
  async counts(): Promise<Counts> {
    const [records, jobs] = await Promise.all([
      this.#records.counts(),
      this.#queue.getJobCounts("wait", "delayed", "active"),
    ]);
    const { wait = 0, delayed = 0, active = 0 } = jobs;
    return { ...records, queued: wait + delayed, running: active };
  }
  async retry(keys: readonly string[] | undefined): Promise<number> {
    return await this.#records.retry(keys);
  }
  retried(): AsyncIterable<Task[]> {
    return this.#records.retried();
  }
  async setPaused(paused: boolean): Promise<void> {
    await (paused ? this.#queue.pause() : this.#queue.resume());
  }
  async isPaused(): Promise<boolean> {
    return await this.#queue.isPaused();
  }
  onReconnect(listener: () => void): () => void {
    this.#redis.on("ready", listener);
    return () => void this.#redis.off("ready", listener);
  }
  async close(): Promise<void> {
    // Commands that wait for a Redis that is away are rejected.
    this.#redis.disconnect();
    await this.#queue.close().catch(() => undefined);
  }

  #deathsOf(key: string): number {
    return this.#deaths.get(key) ?? 0;
  }
}
