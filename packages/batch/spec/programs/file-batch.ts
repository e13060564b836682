import { runBatch } from "@gradio-rx/batch";

/** Runs a batch with a file store, and prints its totals. */
const { store, url, count } = JSON.parse(process.argv[2]!) as { store: string; url: string; count: number };
const inputs = Array.from({ length: count }, (_, value) => [value]);
const batch = runBatch({ store, apps: url, endpoint: "/count", inputs, key: ([value]) => `n${value}`, concurrency: 8 });
try {
  process.stdout.write(`${JSON.stringify(await batch.done)}\n`);
} catch (error) {
  process.stdout.write(`${(error as Error).name}: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
await batch.close();
