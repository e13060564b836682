// Records commands on a terminal, and writes them to stdout as an animated SVG (see CONTRIBUTING.md). The argument names the recording.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Screen } from "../test/cli/screen.ts";
import { batch } from "./recordings/batch.ts";
import type { RecordedCommand, Recording } from "./recordings/recording.ts";
import { svg } from "./recordings/svg.ts";
import type { Frame } from "./recordings/terminal.ts";

const recordings: Readonly<Record<string, () => Promise<Recording>>> = { batch };

/** Pause between two commands, in milliseconds. */
const BETWEEN = 1_200;

/** Runs the commands one after the other, and returns the screen after each piece of their output. */
async function record({ commands, cwd }: Recording): Promise<Frame[]> {
  const screen = new Screen();
  const started = performance.now();
  const frames: Frame[] = [];
  const keep = (): void => {
    frames.push({ time: performance.now() - started, rows: screen.rows.map((row) => [...row]) });
  };
  for (const [at, command] of commands.entries()) {
    screen.write(`$ ${command.shown.replaceAll("\n", "\r\n")}\r\n`);
    keep();
    await run(command, cwd, (text) => {
      screen.write(text);
      keep();
      return screen.text;
    });
    if (at < commands.length - 1) await new Promise((resolve) => setTimeout(resolve, BETWEEN));
  }
  screen.write("$ ");
  keep();
  return frames;
}

/**
 * Runs the program on a terminal to its end.
 *
 * @param onText - receives each piece of the output, and returns the content of the screen.
 */
async function run(
  { args, interruptAt }: RecordedCommand,
  cwd: string,
  onText: (text: string) => string,
): Promise<void> {
  const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const program = [process.execPath, "--conditions=@gradio-rx/source", path("../packages/cli/src/bin.ts"), ...args];
  const streams = interruptAt ? "in,out,err" : "out,err";
  const child = spawn("python3", [path("../test/cli/terminal.py"), streams, ...program], {
    cwd,
    stdio: ["pipe", "pipe", "inherit", "ignore"],
  });
  let hasInterrupted = false;
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    const shown = onText(text);
    if (hasInterrupted || !interruptAt?.test(shown)) return;
    hasInterrupted = true;
    child.stdin!.write("\u0003");
  });
  await once(child, "close");
}

const start = recordings[process.argv[2] ?? "batch"];
if (!start) throw new Error(`There is no such recording. There are: ${Object.keys(recordings).join(", ")}.`);
const recording = await start();
const frames = await record(recording);
process.stdout.write(svg(frames, recording.commands[0]!.shown));
await recording.close();
