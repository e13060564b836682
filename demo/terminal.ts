import { clearLine, clearScreenDown, cursorTo, moveCursor } from "node:readline";
import { styleText } from "node:util";
import { clip, width, wrap } from "./text.ts";

const out = process.stdout;

/** Whether there is a terminal to draw on. Without one the output is plain lines that do not change. */
export const drawing: boolean = out.isTTY && process.env["TERM"] !== "dumb";

const coloured = drawing && (process.env["NO_COLOR"] ?? "") === "";

type Style = Parameters<typeof styleText>[0];

/** Colours a text on a terminal that supports colours. */
export function paint(style: Style, text: string): string {
  return coloured ? styleText(style, text, { validateStream: false }) : text;
}

/** Number of columns available. */
export function columns(): number {
  return drawing ? Math.max(out.columns, 20) : 100;
}

/** Writes lines. */
export function print(...lines: string[]): void {
  for (const line of lines) out.write(`${line}\n`);
}

/** Writes a text of any length, wrapped between words; all lines have the indent of the first. */
export function paragraph(text: string, style?: Style): string[] {
  const indent = /^ */.exec(text)![0];
  const lines = wrap(text.slice(indent.length), columns() - indent.length - 1);
  return lines.map((line) => indent + (style === undefined ? line : paint(style, line)));
}

/** Calls `onClosed` when the reader of the output has closed it, as `head` does. */
export function onOutputClosed(onClosed: () => void): void {
  out.on("error", onClosed);
}

/** Minimum number of milliseconds between two lines about the same progress without a terminal. */
const PACE = 700;

/** Minimum number of milliseconds between two frames. */
const FRAME = 40;

/** Lines at the end of the screen that are updated in place until they are done. */
export class LiveLines {
  #lines: readonly string[] = [];
  #shown: readonly string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #noted = { text: "", time: -Infinity };

  /** Replaces the lines. Does nothing without a terminal. */
  draw(lines: readonly string[]): void {
    if (!drawing) return;
    this.#lines = lines;
    this.#timer ??= setTimeout(() => this.#frame(), FRAME);
  }

  /** Writes the progress as a line if there is no terminal. Limits the rate and leaves out repetitions. */
  note(text: string, pace: number = PACE): void {
    const now = performance.now();
    if (drawing || text === this.#noted.text || now - this.#noted.time < pace) return;
    this.#noted = { text, time: now };
    print(text);
  }

  /** Writes lines above. */
  print(...lines: string[]): void {
    if (!drawing) return print(...lines);
    this.#erase();
    print(...lines);
    this.#frame();
  }

  /** Ends the updates and keeps these lines, or those that were drawn last. Without a terminal it writes only the given lines. */
  end(lines?: readonly string[]): void {
    if (drawing) this.#erase();
    print(...(lines ?? this.#lines));
    this.#lines = this.#shown = [];
    if (drawing) out.write(SHOW_CURSOR);
  }

  /** Writes all lines at once, each over the one before it, so that the screen does not flicker. */
  #frame(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const room = Math.max((out.rows || 24) - 1, 1);
    const lines = this.#lines.slice(-room).map((line) => clip(line, columns() - 1));
    out.cork();
    if (this.#shown.length === 0) out.write(HIDE_CURSOR);
    this.#back();
    for (const line of lines) {
      out.write(line);
      clearLine(out, 1);
      out.write("\n");
    }
    clearScreenDown(out);
    out.uncork();
    this.#shown = lines;
  }

  #erase(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#back();
    if (this.#shown.length > 0) clearScreenDown(out);
    this.#shown = [];
  }

  /** Moves the cursor to the first line. A terminal that has become narrower may have wrapped some lines. */
  #back(): void {
    const rows = this.#shown.reduce((sum, line) => sum + Math.max(Math.ceil(width(line) / columns()), 1), 0);
    if (rows === 0) return;
    moveCursor(out, 0, -rows);
    cursorTo(out, 0);
  }
}

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";

/** Shows the cursor again. */
export function restore(): void {
  if (drawing) out.write(SHOW_CURSOR);
}
