// A program: runs a batch over an app in memory, and prints what each input costs. Arguments: the store ("file" or "redis"), the number of inputs.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Batch } from "../../packages/batch/src/batch.ts";
import { redisStore } from "../../packages/batch/src/redis/redis-store.ts";
import { fileStore } from "../../packages/batch/src/store/file-store.ts";
import type { Store } from "../../packages/batch/src/store/store.ts";
import { memoryApp } from "../../packages/batch/spec/memory-app.ts";
import { countCommands, launchRedis, usedMemory } from "../../packages/batch/spec/redis-process.ts";
import { freePort } from "../../test/servers/free-port.ts";
import type { Costs } from "./sizes.ts";

const [kind, number] = process.argv.slice(2) as [keyof typeof stores, string];
const count = Number(number);
/** Text that makes an input 200 bytes long. */
const padding = "x".repeat(180);
/** Number of times that the heap is measured. */
const SAMPLES = 10;

/** A store, with the bytes that it keeps, and an end. */
interface Place {
  store: Store;
  bytes: () => Promise<number>;
  end: () => void;
}

const folder = mkdtempSync(join(tmpdir(), "gradio-rx-batch-costs-"));

const stores = {
  file: async (): Promise<Place> => {
    const path = join(folder, "batch.sqlite");
    return { store: fileStore(path), bytes: async () => statSync(path).size, end: () => undefined };
  },
  redis: async (): Promise<Place> => {
    const port = await freePort();
    const server = await launchRedis(folder, port);
    const url = `redis://127.0.0.1:${port}`;
    const end = (): void => void server.kill("SIGKILL");
    return { store: redisStore({ url, name: "costs" }), bytes: () => usedMemory(url), end };
  },
};

const commands = countCommands();
let lookups = 0;
/** Returns a store that counts the look-ups of the feeder. */
function counting(inner: Store): Store {
  return {
    open: async (options) => {
      const store = await inner.open(options);
      const recorded = store.recorded.bind(store);
      return Object.assign(store, { recorded: (keys: readonly string[]) => (lookups++, recorded(keys)) });
    },
  };
}

const heap: number[] = [];
function* inputs(): Iterable<[number, string]> {
  for (let value = 0; value < count; value++) {
    if (value % (count / SAMPLES) === 0) {
      globalThis.gc!();
      heap.push(process.memoryUsage().heapUsed);
    }
    yield [value, padding];
  }
}

/** Runs the batch once, in this process. */
async function run(store: Store): Promise<void> {
  const batch = new Batch(() => ({
    store: counting(store),
    apps: [memoryApp((value) => value)],
    rules: { endpoint: "/echo", call: {}, attempts: 1, backoff: 0, resubmit: true },
    inputs: inputs(),
    key: ([value]: [number]) => `n${value}`,
    concurrency: 32,
    ahead: 32,
    readAhead: 1_000,
    files: {},
    signal: undefined,
    warn: () => undefined,
  }));
  const { succeeded } = await batch.done;
  await batch.close();
  if (succeeded !== count) throw new Error(`${succeeded} of ${count} inputs succeeded.`);
}

const { store, bytes, end } = await stores[kind]();
const empty = await bytes().catch(() => 0);
const begun = performance.now();
await run(store);
const seconds = (performance.now() - begun) / 1_000;
const kept = (await bytes()) - empty;
const sent = commands();
// The first samples are taken while code is still compiled.
const peak = Math.max(...heap.slice(1));
lookups = 0;
await run(store);
end();
rmSync(folder, { recursive: true, force: true });
const costs: Costs = {
  commands: sent / count,
  bytes: kept / count,
  heap: peak / 1e6,
  rate: count / seconds,
  lookups,
  rerun: (commands() - sent) / count,
};
process.stdout.write(`figures ${JSON.stringify(costs)}\n`);
process.exit();
