// A program without other work: only its calls keep it alive, and close() lets it exit.
import { Client } from "#sdk";

const client = await Client.connect(process.argv[2]!);
const silent = await client.predict("/slow", [20], { idleTimeout: 200 }).catch((error: Error) => error.name);
const next = await client.predict("/counter", [1]);
await client.close();
process.stdout.write(`${String(silent)} ${String(next)}`);
