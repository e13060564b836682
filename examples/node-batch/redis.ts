import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A Redis that this example has started. */
export interface OwnRedis {
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts a Redis of this machine on a free port of loopback.
 *
 * @throws where `redis-server` is not installed, or does not start.
 */
export async function startRedis(): Promise<OwnRedis> {
  const dir = await mkdtemp(join(tmpdir(), "node-batch-redis-"));
  const port = await freePort();
  const options = { port, bind: "127.0.0.1", dir, appendonly: "yes", save: "" };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn("redis-server", args, { stdio: ["ignore", "pipe", "ignore"] });
  // It does not outlive the example, also where that is interrupted.
  const end = (): void => void child.kill("SIGKILL");
  process.once("exit", end);
  await Promise.race([
    ready(child),
    sleep(10_000).then(() => Promise.reject(new Error("redis-server did not start."))),
  ]);
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      process.off("exit", end);
      end();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on("error", () => reject(new Error("redis-server was not found. On Debian: apt-get install redis-server")));
    child.on("exit", (code) => reject(new Error(`redis-server ended with ${code}.`)));
    child.stdout?.on("data", (chunk: Buffer) => {
      if (chunk.toString().includes("Ready to accept connections")) resolve();
    });
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
