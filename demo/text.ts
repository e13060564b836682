import { stripVTControlCharacters } from "node:util";

const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;
const NO_WIDTH = /\p{Mark}|\p{Default_Ignorable_Code_Point}/u;
const ESCAPE = "\u001b[";

/** Returns the number of columns that a text takes on a terminal, without escape sequences. */
export function width(text: string): number {
  let columns = 0;
  for (const char of stripVTControlCharacters(text)) columns += widthOf(char);
  return columns;
}

/** Shortens a line to a number of columns and adds an ellipsis. Keeps colours. */
export function clip(line: string, columns: number): string {
  if (width(line) <= columns) return line;
  let room = columns - 1;
  let kept = "";
  for (let rest = line; rest !== "";) {
    const escape = rest.startsWith(ESCAPE) ? rest.slice(0, rest.indexOf("m") + 1) : undefined;
    const char = escape ?? String.fromCodePoint(rest.codePointAt(0)!);
    rest = rest.slice(char.length);
    if (escape !== undefined) kept += escape;
    else if ((room -= widthOf(char)) >= 0) kept += char;
    else room = -Infinity;
  }
  return `${kept}…`;
}

/** Wraps a text without colours into lines of a maximum width, between words if possible. */
export function wrap(text: string, columns: number): string[] {
  return text.split("\n").flatMap((line) => wrapLine(line, Math.max(columns, 10)));
}

/** Pads a text with spaces. */
export function pad(text: string, columns: number): string {
  return text + " ".repeat(Math.max(columns - width(text), 0));
}

/** Removes control characters from a text of the app, so that it cannot control the terminal. */
export function stripControls(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/\r\n?/g, "\n")
    .replaceAll("\t", "  ")
    .replaceAll(/(?!\n)\p{Control}/gu, "");
}

function wrapLine(line: string, columns: number): string[] {
  const lines: string[] = [];
  let current = "";
  for (const word of line.match(/\s*\S+\s*$|\s*\S+/g) ?? [""]) {
    if (width(current + word) <= columns) {
      current += word;
      continue;
    }
    if (current !== "") lines.push(current);
    current = "";
    for (const char of word.trimStart()) {
      if (width(current + char) > columns) {
        lines.push(current);
        current = "";
      }
      current += char;
    }
  }
  return [...lines, current];
}

function widthOf(char: string): number {
  if (NO_WIDTH.test(char)) return 0;
  return WIDE.test(char) ? 2 : 1;
}
