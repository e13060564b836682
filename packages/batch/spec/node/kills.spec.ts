import { setTimeout as sleep } from "node:timers/promises";
import { runBatch } from "@gradio-rx/batch";
import { redisStore } from "@gradio-rx/batch/redis";
import { array, integer, record, sample } from "fast-check";
import { expect, test, vi } from "vitest";
import { type Program, startProgram } from "../programs.ts";
import { startRedis } from "../redis-server.ts";
import { closing, counting, key, pairs, recordsOf } from "../setup.ts";

/** Number of inputs. The README has the result for 5,000: `BATCH_INPUTS=5000 npm test -- --project "specs in node" kills`. */
const INPUTS = Number(process.env["BATCH_INPUTS"] ?? 1_000);
const PROCESSES = 3;
/** Maximum number of calls in flight in one process; see `programs/redis-worker.ts`. */
const IN_FLIGHT = 8;

vi.setConfig({ testTimeout: 60_000 + INPUTS * 60 });

/** Returns when to kill which process: numbers of runs, of which there is one for each 250 inputs. */
function scheduleOf(seed: number): Array<{ after: number; victim: number }> {
  const kill = record({
    after: integer({ min: 20, max: Math.floor(INPUTS * 0.9) }),
    victim: integer({ min: 0, max: PROCESSES - 1 }),
  });
  const number = Math.ceil(INPUTS / 250);
  const [kills] = sample(array(kill, { minLength: number, maxLength: number }), { seed, numRuns: 1 });
  return kills!.toSorted((a, b) => a.after - b.after);
}

test(`${INPUTS} inputs over ${PROCESSES} processes that are killed at random: each input has one exact record`, async ({
  annotate,
}) => {
  const seed = Number(process.env["BATCH_SEED"] ?? Date.now() % 2 ** 31);
  const kills = scheduleOf(seed);
  const redis = await startRedis();
  const { app, runs } = await counting(() => sleep(2));
  const total = (): number => [...runs.values()].reduce((sum, times) => sum + times, 0);
  const begun = performance.now();
  const batch = closing(
    runBatch<number, number[]>({
      store: redisStore({ url: redis.url, name: "spec", lease: 1_000 }),
      apps: app.url,
      endpoint: "/count",
      inputs: pairs(INPUTS),
      key,
      concurrency: 0,
    }),
  );
  const start = (): Program => startProgram("redis-worker", { redis: redis.url, url: app.url });
  const processes = Array.from({ length: PROCESSES }, start);
  for (const { after, victim } of kills) {
    await vi.waitFor(() => expect(total()).toBeGreaterThanOrEqual(after), { timeout: 60_000 });
    await processes[victim]!.kill();
    processes[victim] = start();
  }
  expect(await batch.done, `seed ${seed}`).toEqual({ succeeded: INPUTS, failed: 0 });
  const seconds = (performance.now() - begun) / 1_000;
  const records = await recordsOf(batch);
  expect(records.map((one) => one.key).toSorted()).toEqual(pairs(INPUTS).map(key).toSorted());
  expect(records.filter((one) => one.key !== `n${one.result}`)).toEqual([]);
  const inVain = total() - INPUTS;
  expect(inVain).toBeLessThanOrEqual(kills.length * IN_FLIGHT);
  await annotate(
    `seed ${seed}: ${INPUTS} inputs, ${kills.length} kills, ${records.length} records, ${total()} runs ` +
      `(${inVain} in vain), ${seconds.toFixed(1)} s`,
  );
});
