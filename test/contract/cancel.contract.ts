import { CancelledError, type Client, type Job } from "#sdk";
import { lastValueFrom, of, switchMap, take, timer, concatMap, toArray } from "rxjs";
import { expect, test } from "vitest";
import { holds } from "./differences.ts";
import { collect, connect, errorOf, until } from "./place.ts";

interface Record {
  started: number;
  finished: number;
  stopped: number;
}

/** Returns the app's own record of the calls with a key. */
const record = (client: Client, key: string) => client.predict<Record>("/record", [key], { isolate: true });

const stage = (job: Job, wanted: string) => until(() => job.status().stage === wanted);

test("a running generator that is cancelled settles at once, and stops on the server", async () => {
  const client = await connect();
  const key = crypto.randomUUID();
  const job = client.submit("/watched", [key, 200, 0.05]);
  await stage(job, "generating");
  const cancelled = job.cancel();
  expect(job.done).toBe(true);
  expect(job.status()).toMatchObject({ stage: "cancelled", success: false });
  expect(await cancelled).toBe(true);
  expect(await errorOf(job.result())).toBeInstanceOf(CancelledError);
  await until(async () => (await record(client, key)).stopped === 1);
  expect(await client.predict("/echo", ["goes on"])).toBe("goes on");
});

test("a call that is cancelled before the app has answered settles at once, and never runs to its end", async () => {
  const client = await connect();
  const key = crypto.randomUUID();
  const job = client.submit("/watched", [key, 200, 0.05]);
  const cancelled = job.cancel();
  expect(job.id).toBeNull();
  expect(job.done).toBe(true);
  expect(await cancelled).toBe(true);
  // The call may have been removed from the queue before it started; if it started, it was stopped.
  await client.predict("/slow", [0.3]);
  await until(async () => {
    const { started, stopped } = await record(client, key);
    return started === stopped;
  });
  expect((await record(client, key)).finished).toBe(0);
});

test("a queued call that is cancelled never runs, and the call before it is not affected", async () => {
  const client = await connect();
  const [first, second, third] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
  const running = client.submit("/watched_one", [first, 30, 0.05]);
  await stage(running, "generating");
  const queued = client.submit("/watched_one", [second, 3, 0.05]);
  await stage(queued, "queued");
  const behind = client.submit("/watched_one", [third, 3, 0.05]);
  expect(await queued.cancel()).toBe(true);
  expect(await running.result()).toBe(29);
  expect(running.outputs()).toEqual(Array.from({ length: 30 }, (_, step) => step));
  expect(await behind.result()).toBe(2);
  const late = holds("a call that is cancelled in the queue may still start");
  // If the call starts it is stopped, unless the cancel arrives before the app has a task to stop.
  if (late) expect((await record(client, second)).started).toBeLessThanOrEqual(1);
  else expect(await record(client, second)).toEqual({ started: 0, finished: 0, stopped: 0 });
});

test("a job that has ended can no longer be cancelled", async () => {
  const client = await connect();
  const job = client.submit("/echo", ["x"]);
  await job.result();
  expect(await job.cancel()).toBe(false);
  expect(job.status().stage).toBe("complete");
  const twice = client.submit("/slow", [0.2]);
  expect(await Promise.all([twice.cancel(), twice.cancel()])).toEqual([true, false]);
});

test("cancelling one of several running calls of a function leaves the others alone", async () => {
  const client = await connect();
  const [first, second] = [crypto.randomUUID(), crypto.randomUUID()];
  const doomed = client.submit("/watched", [first, 200, 0.02]);
  const spared = client.submit("/watched", [second, 20, 0.05]);
  await Promise.all([stage(doomed, "generating"), stage(spared, "generating")]);
  expect(await doomed.cancel()).toBe(true);
  expect(doomed.done).toBe(true);
  expect(spared.done).toBe(false);
  expect(await spared.result()).toBe(19);
  expect(spared.outputs()).toHaveLength(20);
  // No sibling is running any more, so the cancel is sent.
  await until(async () => (await record(client, first)).stopped === 1);
  expect(await record(client, second)).toEqual({ started: 1, finished: 1, stopped: 0 });
});

test("while a cancel waits for siblings, new calls of the function are sent at once, and the cancel is sent later", async () => {
  const client = await connect();
  const [first, second] = [crypto.randomUUID(), crypto.randomUUID()];
  const doomed = client.submit("/watched", [first, 400, 0.02]);
  const sibling = client.submit("/watched", [second, 15, 0.05]);
  await Promise.all([stage(doomed, "generating"), stage(sibling, "generating")]);
  await doomed.cancel();
  const late = client.submit("/watched", [crypto.randomUUID(), 100, 0.05]);
  await stage(late, "generating");
  expect(sibling.done).toBe(false);
  expect(await sibling.result()).toBe(14);
  // It runs in the same session, where the cancel would hit it.
  expect(late.done).toBe(false);
  await late.cancel();
  await until(async () => (await record(client, first)).stopped === 1);
});

test("an isolated call is cancelled alone and at once, whatever else is running", async () => {
  const client = await connect();
  const [first, second] = [crypto.randomUUID(), crypto.randomUUID()];
  const doomed = client.submit("/watched", [first, 400, 0.02], { isolate: true });
  const spared = client.submit("/watched", [second, 60, 0.05]);
  await Promise.all([stage(doomed, "generating"), stage(spared, "generating")]);
  await doomed.cancel();
  await until(async () => (await record(client, first)).stopped === 1);
  expect(spared.done).toBe(false);
  expect(await spared.result()).toBe(59);
});

test("an aborted signal cancels the call on the server and rejects with its own reason", async () => {
  const client = await connect();
  const key = crypto.randomUUID();
  const abort = new AbortController();
  const reason = new Error("changed my mind");
  const job = client.submit("/watched", [key, 200, 0.05], { signal: abort.signal });
  await stage(job, "generating");
  abort.abort(reason);
  expect(await errorOf(job.result())).toBe(reason);
  expect(job.status().stage).toBe("cancelled");
  await until(async () => (await record(client, key)).stopped === 1);
  const never = crypto.randomUUID();
  expect(await errorOf(client.predict("/watched", [never], { signal: AbortSignal.abort(reason) }))).toBe(reason);
  expect(await record(client, never)).toEqual({ started: 0, finished: 0, stopped: 0 });
});

test("unsubscribing from observe before the end cancels the call on the server", async () => {
  const client = await connect();
  const key = crypto.randomUUID();
  const first = await lastValueFrom(client.observe("/watched", [key, 200, 0.05]).pipe(take(4), toArray()));
  expect(first).toHaveLength(4);
  await until(async () => (await record(client, key)).stopped === 1);
});

test("switchMap cancels earlier calls on the server and emits the outputs of the last one", async () => {
  const client = await connect();
  const keys = [0, 1, 2, 3].map(() => crypto.randomUUID());
  const queries$ = of(...keys).pipe(concatMap((key) => timer(250).pipe(switchMap(() => of(key)))));
  const events = await lastValueFrom(
    queries$.pipe(
      switchMap((key) => client.observe<number>("/watched_one", [key, key === keys[3] ? 3 : 200, 0.05])),
      toArray(),
    ),
  );
  const last = events.filter((event) => event.type === "data").slice(-3);
  expect(last.map((event) => event.data)).toEqual([0, 1, 2]);
  await until(async () => {
    const records = await Promise.all(keys.slice(0, 3).map((key) => record(client, key)));
    return records.every(({ started, stopped, finished }) => finished === 0 && started === stopped);
  });
  expect(await record(client, keys[3]!)).toEqual({ started: 1, finished: 1, stopped: 0 });
});

test("a cancelled job ends promise, iterators and Observables, and calls onError once", async () => {
  const client = await connect();
  const errors: unknown[] = [];
  const job = client.submit("/infinite", [0.02], {
    onError: (error) => errors.push(error),
    onResult: () => errors.push("result"),
  });
  await stage(job, "generating");
  await job.cancel();
  const error = await errorOf(job.result());
  expect(error).toMatchObject({ name: "CancelledError", code: "cancelled", endpoint: "/infinite", eventId: job.id });
  expect(await errorOf(collect(job))).toBe(error);
  expect(await errorOf(lastValueFrom(job.outputs$))).toBe(error);
  expect(errors).toEqual([error]);
});

test("a plain function that is cancelled makes room for the next call", async () => {
  const client = await connect();
  const job = client.submit("/slow_one", [3]);
  await stage(job, "processing");
  await job.cancel();
  expect(await client.predict("/slow_one", [0.01])).toBe(0.01);
});
