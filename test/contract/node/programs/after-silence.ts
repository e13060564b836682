// A program with nothing else to do: its calls alone keep it alive, and after close() nothing does.
import { Client } from "#sdk";

const client = await Client.connect(process.argv[2]!);
const silent = await client.predict("/slow", [20], { idleTimeout: 200 }).catch((error: Error) => error.name);
const next = await client.predict("/counter", [1]);
await client.close();
process.stdout.write(`${String(silent)} ${String(next)}`);
