// Records commands on a terminal, and writes them to stdout as an animated SVG (see CONTRIBUTING.md). The argument names the recording.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type Cell, Screen } from "../test/cli/screen.ts";
import { batch } from "./recordings/batch.ts";
import { call } from "./recordings/call.ts";
import type { RecordedCommand, Recording } from "./recordings/recording.ts";

const recordings: Readonly<Record<string, () => Promise<Recording>>> = { call, batch };

/** Content of the screen at a time in milliseconds since the start. */
interface Frame {
  time: number;
  rows: Cell[][];
}

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

const colours: Readonly<Record<number, string>> = { 31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 34: "#79c0ff" };
const [left, line, width] = [16, 20, 720];

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** One line of text, a piece for each style. */
function drawn(row: readonly Cell[], at: number): string {
  const pieces: { style: string; text: string }[] = [];
  for (const { character, style } of row) {
    const fill = style.map((code) => colours[code]).find((colour) => colour !== undefined);
    const attributes = `${fill ? ` fill="${fill}"` : ""}${style.includes(2) ? ' opacity=".6"' : ""}`;
    const last = pieces.at(-1);
    if (last?.style === attributes) last.text += character;
    else pieces.push({ style: attributes, text: character });
  }
  const spans = pieces.map(({ style, text }) => `<tspan${style}>${escaped(text)}</tspan>`).join("");
  return `<text x="${left}" y="${32 + at * line}" xml:space="preserve">${spans}</text>`;
}

/** The frames as one picture that repeats: each is shown from its time to that of the next. */
function svg(frames: readonly Frame[], { commands, height }: Recording): string {
  const pause = 3_000;
  const whole = frames.at(-1)!.time + pause;
  const percent = (time: number): string => `${((100 * time) / whole).toFixed(2)}%`;
  const rules = frames.map(({ time }, at) => {
    const end = frames[at + 1]?.time;
    const hidden = end === undefined ? "" : `${percent(end)},100%{visibility:hidden}`;
    const before = at === 0 ? "" : "0%{visibility:hidden}";
    return `@keyframes f${at}{${before}${percent(time)}{visibility:visible}${hidden}}#f${at}{animation-name:f${at}}`;
  });
  const groups = frames.map(({ rows }, at) => `<g id="f${at}">${rows.map(drawn).join("")}</g>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(commands[0]!.shown)}">`,
    `<style>text{font:14px ui-monospace,Menlo,Consolas,monospace;fill:#e6edf3}g{visibility:hidden;animation:${Math.round(whole)}ms step-end infinite}`,
    `@media (prefers-reduced-motion:reduce){g{animation:none}#f${frames.length - 1}{visibility:visible}}`,
    `${rules.join("")}</style>`,
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    ...groups,
    "</svg>\n",
  ].join("\n");
}

const start = recordings[process.argv[2] ?? "call"];
if (!start) throw new Error(`There is no such recording. There are: ${Object.keys(recordings).join(", ")}.`);
const recording = await start();
const frames = await record(recording);
// Pieces that come at the same moment are one picture.
const distinct = frames.filter(({ time }, at) => at === frames.length - 1 || frames[at + 1]!.time - time > 40);
process.stdout.write(svg(distinct, recording));
await recording.close();
