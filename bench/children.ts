import { type ChildProcess, spawn } from "node:child_process";
import { here } from "./compile.ts";
import type { Counts, Setup } from "./server/setup.ts";

/** A server in a process of its own. */
export interface Served {
  url: string;
  /** Name and version, for output. */
  version: string;
  stop(): void;
}

/** Starts the server of the bench. */
export async function serve(): Promise<Served> {
  return await start(process.execPath, [`${here}server/main.ts`]);
}

/** Starts real Gradio. */
export async function serveGradio(outputs: number): Promise<Served> {
  const python = process.env["GRADIO_PYTHON"];
  if (python === undefined)
    throw new Error("GRADIO_PYTHON does not name a Python with gradio. Start the bench with `npm run bench`.");
  return await start(python, [`${here}python/app.py`, String(outputs)]);
}

async function start(command: string, args: string[]): Promise<Served> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  const [, url = "", version = ""] = await line(child, /^ready (\S+) ?(\S*)$/m);
  return { url, version, stop: () => child.kill("SIGKILL") };
}

/** Sets the behaviour of the server for the next sample. */
export async function setUp(url: string, setup: Setup): Promise<void> {
  await fetch(`${url}/bench/setup`, { method: "POST", body: JSON.stringify(setup) });
}

/** Returns the counts of the server since its last setup. */
export async function counts(url: string): Promise<Counts> {
  return (await (await fetch(`${url}/bench/counts`)).json()) as Counts;
}

/** A process that measures, and its figures. */
export interface Sampled {
  figures: Record<string, number>;
  /** Resolves with the time (`Date.now()`) at which the process exited by itself; `null` if it did not exit in time. */
  ended: (timeLimit: number) => Promise<number | null>;
  stop: () => void;
}

/** Runs one sample and stops it if it takes too long. */
export async function sample(
  command: string,
  args: readonly string[],
  { timeLimit, env }: { timeLimit: number; env: Record<string, string> },
): Promise<Sampled> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
  const exited = new Promise<number>((resolve) => child.on("exit", () => resolve(Date.now())));
  const late = setTimeout(() => child.kill("SIGKILL"), timeLimit);
  const stop = (): void => void child.kill("SIGKILL");
  try {
    const [, figures = "{}"] = await line(child, /^figures (.*)$/m);
    const never = (time: number): Promise<null> =>
      new Promise((resolve) => {
        setTimeout(resolve, time, null);
      });
    return {
      figures: JSON.parse(figures) as Record<string, number>,
      ended: (time) => Promise.race([exited, never(time)]),
      stop,
    };
  } catch (error) {
    stop();
    throw error;
  } finally {
    clearTimeout(late);
  }
}

/** Resolves with the first line of a process that matches a pattern. */
function line(child: ChildProcess, wanted: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let said = "";
    let complaints = "";
    child.stderr?.on("data", (chunk: Buffer) => (complaints = (complaints + chunk.toString()).slice(-2_000)));
    child.stdout?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const found = wanted.exec(said);
      if (found) resolve(found);
    });
    child.on("exit", (code, signal) => {
      const why =
        signal === "SIGKILL"
          ? "it took too long"
          : (complaints
              .trim()
              .split("\n")
              .findLast((text) => /Error/.test(text)) ?? `it ended with ${code}`);
      reject(new Error(why));
    });
  });
}
