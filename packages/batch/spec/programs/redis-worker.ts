import { createWorker } from "@gradio-rx/batch";
import { redisStore } from "@gradio-rx/batch/redis";

/** Runs inputs of a batch in Redis until it is killed. */
const { redis, url } = JSON.parse(process.argv[2]!) as { redis: string; url: string };
const worker = createWorker({
  store: redisStore({ url: redis, name: "spec", lease: 1_000 }),
  apps: url,
  concurrency: 8,
});
worker.progress$.subscribe({ error: (error: Error) => process.stdout.write(`${error.message}\n`) });
