import { ConnectionError, GradioError, InputError } from "@gradio-rx/node";
import { Redis } from "ioredis";

/** Longest wait before another attempt to reconnect, in milliseconds. */
const LONGEST_WAIT = 2_000;
/** Time limit for the first connection, in milliseconds. */
const FIRST_CONNECTION = 10_000;

/**
 * Connects to Redis. Later, a lost connection is established again, and commands wait for it.
 *
 * @param warn - receives a warning about a Redis that does not write each change to disk.
 * @throws ConnectionError where Redis cannot be reached; InputError for one that evicts keys.
 */
export async function connectRedis(url: string, warn: (message: string) => void): Promise<Redis> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: FIRST_CONNECTION,
    // Commands wait for a Redis that restarts.
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(LONGEST_WAIT, 50 * 2 ** Math.min(times, 10)),
  });
  // Without a listener, ioredis prints the error.
  redis.on("error", () => undefined);
  try {
    await redis.connect();
    await checkServer(redis, warn);
    return redis;
  } catch (error) {
    redis.disconnect();
    if (error instanceof InputError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new ConnectionError(
      `Redis at ${withoutPassword(url)} cannot be used: ${message}. Check its address and that it runs.`,
      { cause: error, accepted: false },
    );
  }
}

async function checkServer(redis: Redis, warn: (message: string) => void): Promise<void> {
  const info = await redis.info();
  const policy = /^maxmemory_policy:(.*?)\r?$/m.exec(info)?.[1];
  if (policy !== undefined && policy !== "noeviction")
    throw new InputError(
      `Redis evicts keys when its memory is full (maxmemory-policy ${policy}), which would lose records. ` +
        "Set maxmemory-policy to noeviction.",
      { parameter: "store" },
    );
  if (/^aof_enabled:0\r?$/m.test(info))
    warn("Redis does not write each change to disk (appendonly no): a restart loses what it has not saved.");
}

/** Waits for a write. Its error says what happened to the batch. */
export async function written<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    // A Redis that cannot write to its disk, or has no memory left, refuses writes.
    const isFull = /^(MISCONF|OOM)/.test(message);
    throw new GradioError(
      `The store could not be written: ${message} ` +
        `${isFull ? "Free some space, and run" : "Run"} the batch again: what is recorded is kept.`,
      { cause },
    );
  }
}

function withoutPassword(url: string): string {
  if (!URL.canParse(url)) return "an invalid address";
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
