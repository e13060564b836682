import { stripVTControlCharacters } from "node:util";

// C0 but tab and newline, DEL, and C1.
// oxlint-disable-next-line no-control-regex -- the control characters are what is removed
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** A text of the app as a terminal may get it: escape sequences and control characters are removed; tabs and newlines stay. */
export function clean(text: string): string {
  return stripVTControlCharacters(text).replaceAll("\r\n", "\n").replace(controls, "");
}

/** The same on one line. */
export function cleanLine(text: string): string {
  return clean(text).replaceAll(/\s+/g, " ").trim();
}
