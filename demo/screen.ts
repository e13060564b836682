import { clearLine, clearScreenDown, cursorTo, moveCursor } from "node:readline";
import { styleText } from "node:util";
import { clip, width, wrap } from "./text.ts";

const out = process.stdout;

/** Whether there is a terminal to draw on. Without one the output is plain lines, of which none is ever changed. */
export const drawing: boolean = out.isTTY && process.env["TERM"] !== "dumb";

const coloured = drawing && (process.env["NO_COLOR"] ?? "") === "";

type Style = Parameters<typeof styleText>[0];

/** Colours a text, on a terminal that is to have colours. */
export function paint(style: Style, text: string): string {
  return coloured ? styleText(style, text, { validateStream: false }) : text;
}

/** How many columns there are to write in. */
export function columns(): number {
  return drawing ? Math.max(out.columns, 20) : 100;
}

/** Writes lines, for good. */
export function print(...lines: string[]): void {
  for (const line of lines) out.write(`${line}\n`);
}

/** A text of any length as lines that are broken between words, each indented as the first is. */
export function paragraph(text: string, style?: Style): string[] {
  const indent = /^ */.exec(text)![0];
  const lines = wrap(text.slice(indent.length), columns() - indent.length - 1);
  return lines.map((line) => indent + (style === undefined ? line : paint(style, line)));
}

/** Calls `left` when whoever read the output has gone, as `head` does. */
export function onReaderGone(left: () => void): void {
  out.on("error", left);
}

/** How often a place without a terminal is told of the same thing that goes on, in milliseconds. */
const PACE = 700;

/** Pictures per second are limited by this, in milliseconds. */
const FRAME = 40;

/** Some lines at the end of the screen that change in place until they are done. */
export class Live {
  #lines: readonly string[] = [];
  #shown: readonly string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #noted = { text: "", time: -Infinity };

  /** Shows these lines in place of those before. Without a terminal: nothing. */
  draw(lines: readonly string[]): void {
    if (!drawing) return;
    this.#lines = lines;
    this.#timer ??= setTimeout(() => this.#frame(), FRAME);
  }

  /** Tells of something that goes on, where there is no terminal to draw it on: not too often, never the same twice. */
  note(text: string, pace: number = PACE): void {
    const now = performance.now();
    if (drawing || text === this.#noted.text || now - this.#noted.time < pace) return;
    this.#noted = { text, time: now };
    print(text);
  }

  /** Writes lines above, for good. */
  print(...lines: string[]): void {
    if (!drawing) return print(...lines);
    this.#erase();
    print(...lines);
    this.#frame();
  }

  /** Leaves these lines, or those that were drawn last, for good. Without a terminal only those given here. */
  end(lines?: readonly string[]): void {
    if (drawing) this.#erase();
    print(...(lines ?? this.#lines));
    this.#lines = this.#shown = [];
    if (drawing) out.write(SHOW_CURSOR);
  }

  /** All in one write, each line over the one before it: nothing flickers. */
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

  /** To where the first line was drawn; a terminal that has become narrower has broken some in two. */
  #back(): void {
    const rows = this.#shown.reduce((sum, line) => sum + Math.max(Math.ceil(width(line) / columns()), 1), 0);
    if (rows === 0) return;
    moveCursor(out, 0, -rows);
    cursorTo(out, 0);
  }
}

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";

/** Gives the terminal back as it was. */
export function restore(): void {
  if (drawing) out.write(SHOW_CURSOR);
}
