import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";
import { launchRedis } from "./redis-process.ts";
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
    child = await launchRedis(dir, port, options);
  };
  onTestFinished(kill);
  await start();
  return { url, kill, start };
}
