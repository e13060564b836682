// Makes many calls that wait in one queue, and prints the memory that they hold. Needs --expose-gc. waiting.ts <address> <how many>
import { Client, type Job } from "#sdk";
import { setTimeout as pause } from "node:timers/promises";

const [address = "", count = "0"] = process.argv.slice(2);

const collect = async (): Promise<number> => {
  for (let times = 0; times < 4; times++) {
    gc!();
    await pause(5);
  }
  return process.memoryUsage().heapUsed;
};

const client = await Client.connect(address);
for (let times = 0; times < 200; times++) await client.predict("/echo", ["warm"]);
const running = client.submit("/hold", []);
for await (const event of running) if (event.type === "data") break;

const before = await collect();
const jobs: Job[] = [];
let statuses = 0;
for (let made = 0; made < Number(count); made++) {
  jobs.push(client.submit("/hold", [], { onStatus: () => statuses++ }));
  if (made % 50 === 49) while (jobs.some((job) => job.id === null)) await pause(5);
}
while (jobs.some((job) => job.status().stage !== "queued")) await pause(20);
await pause(500);
const bytes = (await collect()) - before;
const late = await Promise.all(jobs.slice(0, 3).map(async (job) => await firstStatuses(job)));
await client.close();
process.stdout.write(JSON.stringify({ bytes, statuses, late }));

/** Stages that a late reader of a waiting job receives. */
async function firstStatuses(job: Job): Promise<string[]> {
  const stages: string[] = [];
  const stop = job.on("status", ({ stage }) => stages.push(stage));
  await pause(20);
  stop();
  return stages;
}
