import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { onTestFinished } from "vitest";
import { makeFolder } from "./setup.ts";
import { freePort } from "../../../test/servers/free-port.ts";

/** A Redis on loopback that writes each change to a temporary folder. */
export interface TestRedis {
  url: string;
  /** Kills it without a chance to save. */
  kill(): Promise<void>;
  /** Starts it again with the same files and port. */
  start(): Promise<void>;
}

/** Starts a Redis of Debian on a free port. It ends with the test. */
export async function startRedis(...options: string[]): Promise<TestRedis> {
  if (spawnSync("redis-server", ["--version"]).error)
    throw new Error("redis-server was not found. On Debian: apt-get install -y redis-server");
  const dir = makeFolder();
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  const start = async (): Promise<void> => {
    const rest = ["--bind", "127.0.0.1", "--port", String(port), "--dir", dir, "--appendonly", "yes", "--save", ""];
    child = spawn("redis-server", [...rest, ...options], { stdio: "ignore" });
    await answers(url);
  };
  onTestFinished(kill);
  await start();
  return { url, kill, start };
}

async function answers(url: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
    redis.on("error", () => undefined);
    try {
      await redis.connect();
      await redis.ping();
      return;
    } catch (error) {
      if (attempt === 200) throw error;
      await sleep(50);
    } finally {
      redis.disconnect();
    }
  }
}
