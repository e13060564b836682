import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { startRedis } from "../../packages/batch/spec/redis-server.ts";
import { counting, folderOf } from "./batch-app.ts";
import { run, start } from "./run.ts";

vi.setConfig({ testTimeout: 60_000 });

const patient = { timeout: 20_000 };
const upTo = (count: number): number[] => Array.from({ length: count }, (_, value) => value);

describe("a batch with Redis as its store", () => {
  test("another process joins with --work, --status shows the numbers, and a killed worker loses nothing", async () => {
    const redis = await startRedis();
    let isHeld = true;
    const { url, runs } = await counting({ wait: async () => (isHeld ? await sleep(600_000) : undefined) });
    const helper = await counting();
    const { path, lines } = await folderOf(upTo(40));
    const store = `${redis.url}?name=numbers&lease=1s`;
    const missing = await run(["batch", "--store", store, "--status"]);
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining("(numbers) has no batch") as string });
    const concurrency = ["--concurrency", "2"];
    const feeding = start(
      [
        "batch",
        url,
        "double",
        path("in.jsonl"),
        "-o",
        path("out.jsonl"),
        "--store",
        store,
        "--key",
        "id",
        "--json",
      ].concat(concurrency),
    );
    await vi.waitFor(() => expect(runs.size).toBe(2), patient);
    const doomed = start(["batch", url, "--store", store, "--work", ...concurrency]);
    await vi.waitFor(() => expect(runs.size).toBe(4), patient);
    doomed.child.kill("SIGKILL");
    const status = await run(["batch", "--store", store, "--status", "--json"]);
    expect(JSON.parse(status.stdout)).toMatchObject({ endpoint: "/double", succeeded: 0, failed: 0, paused: false });
    isHeld = false;
    const working = start(["batch", helper.url, "--store", store, "--work", "--json"]);
    await working.until("stdout", /"succeeded":38,/);
    working.child.kill("SIGTERM");
    expect((await working.ended).code).toBe(143);
    feeding.child.kill("SIGKILL");
    await feeding.ended;
    const again = ["batch", url, "double", path("in.jsonl"), "-o", path("out.jsonl"), "--store", store, "--key", "id"];
    const { code, stdout, stderr } = await run([...again, "--json"]);
    expect([code, stderr]).toEqual([0, ""]);
    const events = stdout.trimEnd().split("\n");
    expect(events.map((line) => (JSON.parse(line) as { type: string }).type)).toContain("progress");
    expect(JSON.parse(events.at(-1)!)).toEqual({ type: "result", data: { succeeded: 40, failed: 0 } });
    expect((await lines("out.jsonl")).map(({ key }) => key)).toEqual(upTo(40).map((value) => `n${value}`));
  });

  test("Ctrl-C ends --work: what runs is recorded; after a second one it runs in another process", async () => {
    const redis = await startRedis();
    const feeder = await counting({ wait: async () => await sleep(600_000) });
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let isHeld = true;
    const helper = await counting({ wait: async () => (isHeld ? await held : undefined) });
    const { path } = await folderOf(upTo(6));
    const store = ["--store", `${redis.url}?lease=1s`];
    start(["batch", feeder.url, "double", path("in.jsonl"), ...store, "--key", "id", "--concurrency", "1"]);
    await vi.waitFor(() => expect(feeder.app.running).toBe(1), patient);
    const work = ["batch", helper.url, ...store, "--work"];
    const succeeded = async (): Promise<number> =>
      (JSON.parse((await run(["batch", ...store, "--status", "--json"])).stdout) as { succeeded: number }).succeeded;
    const impatient = start([...work, "--concurrency", "3"]);
    await vi.waitFor(() => expect(helper.app.running).toBe(3), patient);
    impatient.child.kill("SIGINT");
    await impatient.until("stderr", "Stopping: running calls have 30 s to end.");
    impatient.child.kill("SIGINT");
    expect((await impatient.ended).code).toBe(130);
    expect(await succeeded()).toBe(0);
    const first = new Set(helper.runs.keys());
    const patiently = start([...work, "--concurrency", "5"]);
    await vi.waitFor(() => expect([...first].every((value) => helper.runs.get(value) === 2)).toBe(true), patient);
    await vi.waitFor(() => expect(helper.runs.size).toBe(5), patient);
    patiently.child.kill("SIGINT");
    await patiently.until("stderr", "Stopping: running calls have 30 s to end.");
    isHeld = false;
    release();
    const { code, stdout, stderr } = await patiently.ended;
    expect([code, stdout]).toEqual([130, ""]);
    expect(stderr).toMatch(/\nCancelled\n$/);
    expect(await succeeded()).toBe(5);
    expect([...helper.runs.values()].toSorted((a, b) => a - b)).toEqual([1, 1, 2, 2, 2]);
  });

  test("--retry gives dead letters to the workers that run", async () => {
    const redis = await startRedis();
    let broken = true;
    const { url } = await counting({ fails: () => broken });
    const { path, lines } = await folderOf(upTo(2));
    const store = ["--store", redis.url, "--key", "id", "-q"];
    const args = ["batch", url, "double", path("in.jsonl"), "-o", path("out.jsonl"), ...store];
    expect((await run(args)).code).toBe(1);
    broken = false;
    const retried = await run(["batch", "--store", redis.url, "--retry", "--json"]);
    expect(JSON.parse(retried.stdout)).toEqual({ store: `${redis.url} (batch)`, retried: 2 });
    const working = start(["batch", url, "--store", redis.url, "--work"]);
    await working.until("stderr", "Runs inputs of");
    await vi.waitFor(async () => {
      const { stdout } = await run(["batch", "--store", redis.url, "--status"]);
      expect(stdout).toMatch(/succeeded +2\nfailed +0\n/);
    }, patient);
    expect((await run(args)).code).toBe(0);
    expect((await lines("out.jsonl")).map(({ result }) => result)).toEqual([0, 2]);
  });

  test("a Redis that cannot be reached is a connection error, without its password", async () => {
    const { url } = await counting();
    const store = "redis://:secret@127.0.0.1:9";
    const { code, stderr } = await run(["batch", url, "double", "--store", store, "-q"], { input: "[1]" });
    expect(code).toBe(5);
    expect(stderr).toContain("Redis at redis://127.0.0.1:9 cannot be used");
    expect(stderr).not.toContain("secret");
  });
});
