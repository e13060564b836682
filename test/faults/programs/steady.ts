import { Client } from "@gradio-rx/node";

// Makes a call that is never silent for long. It must succeed although the program is suspended meanwhile.
const client = await Client.connect(process.argv[2]!);
const job = client.submit<number>("/watched", [crypto.randomUUID(), 40, 0.1], { idleTimeout: 1_500, timeout: 20_000 });
job.on("data", () => console.log("output"));
console.log(`result ${await job.result().catch((error: unknown) => String(error))}`);
await client.close();
