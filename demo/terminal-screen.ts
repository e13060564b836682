import type { FileData } from "@gradio-rx/client";
import { drawBars, tellBars } from "./bars.ts";
import { formatError, formatLog } from "./format.ts";
import type { Live, Row, Screen, Tone } from "./screen.ts";
import { columns, drawing, LiveLines, paint, paragraph, print } from "./terminal.ts";
import { pad, stripControls, wrap } from "./text.ts";

const COLOURS = { plain: "reset", quiet: "dim", busy: "yellow", good: "green" } as const;
const SIGNS = { waiting: "·", running: "●", cancelled: "✗", finished: "✓" } as const;
const ROW_COLOURS = { waiting: "dim", running: "yellow", cancelled: "dim", finished: "green" } as const;

/** Minimum number of milliseconds between two lines about a growing text without a terminal. */
const TEXT_PACE = 800;

/** Shows scenes on a terminal, or as plain lines without one. */
export function terminalScreen(): Screen {
  let open: LiveLines | undefined;
  return {
    print: (text, tone = "plain") => print(...toned(`   ${text}`, tone)),
    log: (event) => (open === undefined ? print(formatLog(event)) : open.print(formatLog(event))),
    error: (error) => print(...formatError(error)),
    check: (ok, text) => {
      const [first = "", ...more] = paragraph(`     ${text}`).map((line) => line.trimStart());
      print(`   ${ok ? paint("green", "✓") : paint("red", "✗")} ${first}`, ...more.map((line) => `     ${line}`));
    },
    picture: (image, caption) => print(`   ${paint("dim", `${caption}:`)} ${describePicture(image)}`),
    live: () => {
      open = new LiveLines();
      return liveOn(open, () => (open = undefined));
    },
  };
}

function liveOn(lines: LiveLines, onEnd: () => void): Live {
  let shown: readonly string[] = [];
  let states: string[] = [];
  const draw = (next: readonly string[]): void => lines.draw((shown = next));
  return {
    text: (text, tone = "plain") => {
      draw(wrap(stripControls(text), Math.min(columns(), 90) - 4).map((line) => `   ${paint(COLOURS[tone], line)}`));
      lines.note(`   ${stripControls(text)} …`, TEXT_PACE);
    },
    bars: (bars) => {
      draw(drawBars(bars, columns()));
      lines.note(`   ${tellBars(bars)}`);
      if (!drawing) shown = [];
    },
    rows: (rows, search) => {
      const table = rows.map(rowLine);
      draw(search === undefined ? table : [searchBox(search), ...table]);
      for (const [at, { state }] of rows.entries()) if (states[at] !== state) lines.note(table[at]!, 0);
      states = rows.map(({ state }) => state);
      shown = drawing ? table : [];
    },
    end: () => {
      lines.end(shown);
      onEnd();
    },
  };
}

function toned(text: string, tone: Tone): string[] {
  return paragraph(stripControls(text), tone === "plain" ? undefined : COLOURS[tone]);
}

function rowLine({ label, state, text }: Row): string {
  return `   ${pad(stripControls(label), 10)}${paint(ROW_COLOURS[state], `${SIGNS[state]} ${stripControls(text)}`)}`;
}

function searchBox(text: string): string {
  return `   ${paint("dim", "search:")} ${stripControls(text)}${paint("inverse", " ")}`;
}

/** Describes a picture: `sample.png, 12 kB`. A file of the app has a URL. */
function describePicture(image: File | FileData): string {
  if (image instanceof File) return `${image.name}, ${Math.ceil(image.size / 1_000)} kB`;
  return stripControls(image.url ?? image.path);
}
