import { createWorker, openBatch, runBatch } from "@gradio-rx/batch";
import { redisStore } from "@gradio-rx/batch/redis";

interface Person {
  id: string;
  name: string;
}

const people: Person[] = [
  { id: "p1", name: "Ada" },
  { id: "p2", name: "Grace" },
];

export async function greetPeople(
  { store, first, second }: { store: string; first: string; second: string },
  print: (line: string) => void,
): Promise<void> {
  // #region file
  const batch = runBatch<string, { name: string }>({
    store, // path of a SQLite file
    apps: [first, second], // copies of the app
    endpoint: "/greet",
    inputs: people.map(({ name }) => ({ name })),
    key: (_, index) => people[index]!.id,
  });
  for await (const { key, result, error } of batch.results()) print(`${key}: ${error?.message ?? result}`);
  await batch.close();
  // #endregion file
}

export async function feed(redis: string, app: string): Promise<{ succeeded: number; failed: number }> {
  // #region feed
  const batch = runBatch({
    store: redisStore({ url: redis, name: "greetings" }),
    apps: app,
    endpoint: "/greet",
    inputs: people.map(({ name }) => ({ name })),
    concurrency: 0, // this process only feeds
  });
  const totals = await batch.done;
  await batch.close();
  // #endregion feed
  return totals;
}

export function work(redis: string, app: string, signal: AbortSignal) {
  // #region work
  const worker = createWorker({
    store: redisStore({ url: redis, name: "greetings" }),
    apps: app,
    signal, // stops the worker: it finishes its calls
  });
  worker.progress$.subscribe({ error: (error: Error) => process.stderr.write(`${error.message}\n`) });
  // #endregion work
  return worker;
}

export async function retryAll(store: string): Promise<number> {
  // #region retry
  const batch = openBatch(store);
  for await (const { key, error } of batch.deadLetters()) process.stderr.write(`${key}: ${error.message}\n`);
  const number = await batch.retry();
  await batch.close();
  // #endregion retry
  return number;
}
