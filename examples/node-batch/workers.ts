import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Settings of a worker, which it receives as JSON. */
export interface WorkerSettings {
  /** Address of Redis. */
  redis: string;
  /** Name of the batch. */
  name: string;
  /** Time after which inputs of a process that died run again, in milliseconds. */
  lease: number;
  /** Copies of the app. */
  apps: string[];
  /** Folder of the pictures. */
  folder: string;
}

/** A worker in a process of its own. */
export interface WorkerProcess {
  pid: number;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Lets it finish its calls, and waits for its end. */
  stop(): Promise<void>;
}

/** @param nodeOptions - options of Node for the process. */
export function startWorker(settings: WorkerSettings, nodeOptions: readonly string[] = []): WorkerProcess {
  const program = fileURLToPath(new URL("worker.ts", import.meta.url));
  const child = spawn(process.execPath, [...nodeOptions, program, JSON.stringify(settings)], {
    stdio: ["pipe", "inherit", "inherit"],
  });
  const exited = once(child, "exit");
  child.stdin.on("error", () => undefined); // It may have ended already.
  return {
    pid: child.pid ?? 0,
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
    async stop() {
      child.stdin.end();
      await exited;
    },
  };
}
