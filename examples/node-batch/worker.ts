import { createWorker } from "@gradio-rx/batch";
import { redisStore } from "@gradio-rx/batch/redis";
import type { WorkerSettings } from "./workers.ts";

// A process that runs inputs of the batch. It takes endpoint and rules from the batch itself.
const { redis, name, lease, apps, folder } = JSON.parse(process.argv[2]!) as WorkerSettings;
const worker = createWorker({
  store: redisStore({ url: redis, name, lease }),
  apps,
  concurrency: 4,
  files: { from: folder },
});
worker.progress$.subscribe({
  error: (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  },
});

// The parent closes stdin when the batch is complete, or when it ends itself.
process.stdin.resume().on("end", () => void worker.stop());
