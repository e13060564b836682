import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";

/** Starts a Redis of Debian on loopback that writes each change to a folder, and waits until it answers. */
export async function launchRedis(dir: string, port: number, options: readonly string[] = []): Promise<ChildProcess> {
  if (spawnSync("redis-server", ["--version"]).error)
    throw new Error("redis-server was not found. On Debian: apt-get install -y redis-server");
  const rest = ["--bind", "127.0.0.1", "--port", String(port), "--dir", dir, "--appendonly", "yes", "--save", ""];
  const child = spawn("redis-server", [...rest, ...options], { stdio: "ignore" });
  await answers(`redis://127.0.0.1:${port}`);
  return child;
}

/** Waits until a Redis answers. */
export async function answers(url: string): Promise<void> {
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

/** Returns the memory that a Redis uses, in bytes. */
export async function usedMemory(url: string): Promise<number> {
  const redis = new Redis(url);
  const info = await redis.info("memory");
  redis.disconnect();
  return Number(/used_memory:(\d+)/.exec(info)![1]);
}

/** Counts the commands that this process sends from now on. Returns a function that returns their number. */
export function countCommands(): () => number {
  let commands = 0;
  const send: Redis["sendCommand"] = Reflect.get(Redis.prototype, "sendCommand");
  Redis.prototype.sendCommand = function (this: Redis, ...args: Parameters<Redis["sendCommand"]>) {
    commands++;
    return send.apply(this, args);
  };
  return () => commands;
}
