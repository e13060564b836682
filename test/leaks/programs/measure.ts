// Makes many calls and prints what remains of them. Needs --expose-gc. measure.ts <address> <way> <how many>
import { Client, type Job } from "#sdk";
import { setTimeout as pause } from "node:timers/promises";

type Way = (client: Client) => Promise<Job | null>;

const late = async (job: Job): Promise<Job> => {
  await job.result().catch(() => undefined);
  return job;
};

/** One call for each way in which a call can end. */
const ways: Record<string, Way> = {
  value: async (client) => await late(client.submit("/echo", [{ some: ["value"] }])),
  outputs: async (client) => {
    const job = client.submit("/words", []);
    for await (const event of job) void event;
    return job;
  },
  refused: async (client) => await late(client.submit("/echo", { unknown: 1 })),
  failed: async (client) => await late(client.submit("/fail", [])),
  "too late": async (client) => await late(client.submit("/endless", [], { timeout: 5 })),
  cancelled: async (client) => {
    const job = client.submit("/endless", [], { isolate: true });
    for await (const value of job.values()) if (value === "1") break;
    await job.cancel();
    return job;
  },
  aborted: async (client) => {
    const abort = new AbortController();
    const job = client.submit("/endless", [], { signal: abort.signal, isolate: true });
    for await (const value of job.values()) if (value === "1") break;
    abort.abort();
    return await late(job);
  },
  cut: async (client) => await late(client.submit("/cut", [], { isolate: true })),
};

const [address = "", name = "", count = "0"] = process.argv.slice(2);
const warnings: string[] = [];
process.on("warning", (warning) => warnings.push(String(warning)));

/** Timers and sockets that keep a program alive, without the streams that this program prints to. */
const resources = (): string[] => process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout/.test(kind));

/** A signal that lives longer than its calls, and counts its listeners. */
const signal = new AbortController().signal;
const listeners = new Set<unknown>();
const listen = signal.addEventListener.bind(signal);
const leave = signal.removeEventListener.bind(signal);
signal.addEventListener = (...args: Parameters<typeof listen>) => {
  listeners.add(args[1]);
  listen(...args);
};
signal.removeEventListener = (...args: Parameters<typeof leave>) => {
  listeners.delete(args[1]);
  leave(...args);
};

const collect = async (): Promise<number> => {
  // Waits for cancels that are sent in the background.
  await pause(400);
  for (let times = 0; times < 4; times++) {
    gc!();
    await pause(5);
  }
  return process.memoryUsage().heapUsed;
};

const client = (await Client.connect(address)).withOptions({ signal });
const listening = listeners.size;

// In a function of their own, so that no variable here references them.
const held: WeakRef<object>[] = [];
const some = async (calls: number): Promise<void> => {
  for (let made = 0; made < calls; made += 20) {
    const jobs = await Promise.all(Array.from({ length: 20 }, () => ways[name]!(client)));
    for (const job of jobs.slice(0, 2)) {
      if (!job) continue;
      held.push(new WeakRef(job));
      const error: unknown = await job.result().catch((thrown: unknown) => thrown);
      for (const one of [error, ...job.outputs()])
        if (typeof one === "object" && one !== null) held.push(new WeakRef(one));
    }
  }
};
const total = Number(count);
await some(Math.max(total / 10, 200));
const before = held.length;
held.length = 0;
const samples: [jobs: number, bytes: number][] = [[0, await collect()]];
for (let step = 1; step <= 5; step++) {
  await some(total / 5);
  samples.push([(step * total) / 5, await collect()]);
  // References that were collected need not be watched.
  if (step < 5) held.length = 0;
}
await some(20);
await pause(2_000);
await client.predict("/echo", ["the last value may be referenced until the next one"], { signal: undefined });
await collect();

/** Slope of the regression line through the samples, in bytes per job. */
const slope = (): number => {
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(samples.map(([jobs]) => jobs)), mean(samples.map(([, bytes]) => bytes))];
  const over = samples.reduce((sum, [jobs, bytes]) => sum + (jobs - x) * (bytes - y), 0);
  return over / samples.reduce((sum, [jobs]) => sum + (jobs - x) ** 2, 0);
};

const alive = held.filter((one) => one.deref() !== undefined).length;
await client.close();
// Node releases the handle of a destroyed socket at the end of a turn of its event loop.
await pause(10);
const measured = {
  slope: Math.round(slope()),
  samples: samples.map(([, bytes]) => bytes),
  watched: before + held.length,
  alive,
  listeners: listeners.size - listening,
  resources: resources(),
  warnings,
};
process.stdout.write(JSON.stringify(measured));
