// Records a run of the command line on a terminal, and writes it to stdout as an animated SVG (see CONTRIBUTING.md).
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type CallContext, endpoint, number, serveApp, textbox } from "@gradio-rx/testing";
import { type Cell, Screen } from "../test/cli/screen.ts";

const story = "Ada wrote the first program,\nfor a machine that was never built.\nIt counted, all the same.";

/** An app that takes a while, tells how far it is, and writes a text. */
const app = await serveApp(
  {
    write: endpoint({
      inputs: [textbox("about"), number("words", { value: 20 })],
      outputs: [textbox("text")],
      parameters: ["about", "words"],
      fn: async function* (_: string, __: number, { progress, info }: CallContext) {
        for (let step = 0; step <= 10; step++) {
          progress([step, 10], { desc: "Loading the model", unit: "files" });
          await sleep(150);
        }
        info("The model is loaded.");
        for (let end = 4; end < story.length + 4; end += 4) {
          yield story.slice(0, end);
          await sleep(90);
        }
      },
    }),
  },
  { port: 7860 },
);

const command = `gradio-rx call ${app.url} /write about=Ada`;

/** The screen after each piece of what the program wrote, with the time since its start in milliseconds. */
async function record(): Promise<{ time: number; rows: Cell[][] }[]> {
  const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const program = [process.execPath, "--conditions=@gradio-rx/source", path("../packages/cli/src/bin.ts")];
  const args = [path("../test/cli/terminal.py"), "out,err", ...program, ...command.split(" ").slice(1)];
  const child = spawn("python3", args, { stdio: ["pipe", "pipe", "inherit", "ignore"] });
  const screen = new Screen();
  const started = performance.now();
  screen.write(`$ ${command}\r\n`);
  const keep = (): { time: number; rows: Cell[][] } => ({
    time: performance.now() - started,
    rows: screen.rows.map((row) => [...row]),
  });
  const frames = [keep()];
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    screen.write(text);
    frames.push(keep());
  });
  await once(child, "close");
  screen.write("$ ");
  return [...frames, keep()];
}

const colours: Readonly<Record<number, string>> = { 31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 34: "#79c0ff" };
const [left, line, width, height] = [16, 20, 720, 180];

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
function svg(frames: readonly { time: number; rows: Cell[][] }[]): string {
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
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(command)}">`,
    `<style>text{font:14px ui-monospace,Menlo,Consolas,monospace;fill:#e6edf3}g{visibility:hidden;animation:${Math.round(whole)}ms step-end infinite}`,
    `@media (prefers-reduced-motion:reduce){g{animation:none}#f${frames.length - 1}{visibility:visible}}`,
    `${rules.join("")}</style>`,
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    ...groups,
    "</svg>\n",
  ].join("\n");
}

const frames = await record();
// Pieces that come at the same moment are one picture.
const distinct = frames.filter(({ time }, at) => at === frames.length - 1 || frames[at + 1]!.time - time > 40);
process.stdout.write(svg(distinct));
await app.close();
