// Closes a client whose stream was open during a garbage collection. Needs --expose-gc.
import { Client } from "#sdk";
import { setTimeout as pause } from "node:timers/promises";

const client = await Client.connect(process.argv[2]!);
for await (const event of client.submit("/silent", []))
  if (event.type === "status" && event.stage === "processing") break;
for (let times = 0; times < 5; times++) {
  gc!();
  await pause(20);
}
await client.close();
process.stdout.write("closed");
