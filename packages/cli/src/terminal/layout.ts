import stringWidth from "string-width";
import wrapAnsi from "wrap-ansi";
import { isTerminal, type Output } from "../io.ts";

/** Number of columns of a terminal; `Infinity` for pipes and files, whose lines are not broken. */
export function columnsOf(output: Output): number {
  return isTerminal(output) ? output.columns || 80 : Infinity;
}

/** Pads a text with spaces to a number of columns. Characters of East Asian scripts and emoji take two. */
export function padTo(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - stringWidth(text)));
}

/** Number of columns that a text takes on a terminal. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** Breaks a line at the edge of the terminal, in the middle of words. */
export function cut(line: string, columns: number): string[] {
  return wrapAnsi(line, columns, { hard: true, wordWrap: false, trim: false }).split("\n");
}

/** Breaks a line between words. The lines after the first one are indented. */
export function wrap(line: string, columns: number, indent: number): string {
  if (!Number.isFinite(columns)) return line;
  const [first = "", ...rest] = wrapAnsi(line, Math.max(10, columns), { hard: true, trim: false }).split("\n");
  if (rest.length === 0) return first;
  const more = wrapAnsi(line.slice(first.length).trim(), Math.max(10, columns - indent), { hard: true });
  return [first.trimEnd(), more.replaceAll(/^/gm, " ".repeat(indent))].join("\n");
}
