import { Client } from "@gradio-rx/node";

// Runs into a fault and closes its client. It then has to exit by itself.
const client = await Client.connect(process.argv[2]!);
const job = client.submit("/generate", ["some text", 0.05]);
await Promise.race([job.result().catch(() => undefined), new Promise((resolve) => setTimeout(resolve, 1_000))]);
const begun = performance.now();
await client.close();
console.log(`closed after ${Math.round(performance.now() - begun)} ms`);
