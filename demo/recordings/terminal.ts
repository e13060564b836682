import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type Cell, Screen } from "../../test/cli/screen.ts";

const terminal = fileURLToPath(new URL("../../test/cli/terminal.py", import.meta.url));

/** Content of the terminal at a time, in milliseconds since the start of the command. */
export interface Frame {
  time: number;
  rows: readonly (readonly Cell[])[];
}

/** Run of a command on a terminal. */
export interface Recorded {
  frames: readonly Frame[];
  /** Lines that the command left on the terminal. */
  text: string;
  /** Exit code of the command. */
  code: number;
}

/** Options of a recording. */
export interface RecordOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Line that the first frame shows before the command has written anything. */
  prompt?: string;
}

/** Runs a command in bash on a pseudo-terminal of 80 columns, and records what the terminal shows. */
export async function record(command: string, { cwd, env, prompt = "" }: RecordOptions): Promise<Recorded> {
  const args = [terminal, "in,out,err", "bash", "-c", command];
  const child = spawn("python3", args, { cwd, env, stdio: ["ignore", "pipe", "inherit", "ignore"] });
  const screen = new Screen();
  const started = performance.now();
  const frame = (): Frame => ({ time: performance.now() - started, rows: screen.rows.map((row) => [...row]) });
  screen.write(prompt);
  const frames = [frame()];
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    screen.write(text);
    frames.push(frame());
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { frames: [...frames, frame()], text: screen.text, code: code ?? 1 };
}
