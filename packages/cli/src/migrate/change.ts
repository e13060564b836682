import { MagicString } from "magic-string";
import type { Node } from "oxc-parser";
import { lineAt, type Source } from "./parse.ts";

/** A place that the migration has not changed, or not completely. */
export interface Report {
  /** Line in the file before the changes. */
  line: number;
  /** Line of the same place after the changes. */
  lineAfter: number;
  /** One sentence: the cause, and the change to make by hand. */
  message: string;
}

/** A part of a text. */
type Span = { readonly start: number; readonly end: number };

/** Changes to the text of one file, and reports of what was not changed. */
export class Change {
  readonly #text: string;
  readonly #comments: Source["comments"];
  readonly #edited: MagicString;
  readonly #reports = new Map<string, { position: number; message: string }>();

  constructor({ text, comments }: Source) {
    this.#text = text;
    this.#comments = comments;
    this.#edited = new MagicString(text);
  }

  /** Text with all changes. */
  get result(): string {
    return this.#edited.toString();
  }

  /** Reports in the order of their lines. */
  get reports(): Report[] {
    const lines = this.#edited.generateDecodedMap({ hires: "boundary" }).mappings;
    const reports = [...this.#reports.values()].map(({ position, message }): Report => {
      const line = lineAt(this.#text, position);
      const column = position - (this.#text.lastIndexOf("\n", position - 1) + 1);
      const after = lines.findLastIndex((segments) =>
        segments.some(([, , from = 0, at = 0]) => from < line - 1 || (from === line - 1 && at <= column)),
      );
      return { line, lineAfter: Math.max(after, 0) + 1, message };
    });
    return reports.toSorted((one, other) => one.line - other.line);
  }

  /** Adds a report for the line of a node, or of a position. A line has each report once. */
  report(at: Node | number, message: string): void {
    const position = typeof at === "number" ? at : at.start;
    this.#reports.set(`${lineAt(this.#text, position)}: ${message}`, { position, message });
  }

  /** Returns the text of a node before the changes. */
  textOf({ start, end }: Span): string {
    return this.#text.slice(start, end);
  }

  /** Replaces a node. */
  replace({ start, end }: Span, text: string): void {
    if (this.#text.slice(start, end) !== text) this.#edited.update(start, end, text);
  }

  /** Inserts a text before a node or a position. Of several at one position, the last is the outermost. */
  before(at: Node | number, text: string): void {
    this.#edited.prependRight(typeof at === "number" ? at : at.start, text);
  }

  /** Inserts a text after a node or a position. Of several at one position, the last is the outermost. */
  after(at: Node | number, text: string): void {
    this.#edited.appendLeft(typeof at === "number" ? at : at.end, text);
  }

  /** Removes the text between two positions. */
  remove(start: number, end: number): void {
    if (end > start) this.#edited.remove(start, end);
  }

  /** Removes the text between two positions, but for the comments in it. */
  removeCode(start: number, end: number): void {
    let at = start;
    for (const comment of this.#comments) {
      if (comment.start < at || comment.end > end) continue;
      // A blank before a comment stays.
      this.remove(at, comment.start - (/\s/.test(this.#text[comment.start - 1] ?? "") ? 1 : 0));
      // The end of a line comment's line ends the comment.
      const lineEnd = comment.type === "Line" ? /^\r?\n/.exec(this.#text.slice(comment.end)) : null;
      at = Math.min(comment.end + (lineEnd?.[0].length ?? 0), end);
    }
    this.remove(at, end);
  }

  /** Removes a member access from its point on: `.data` of `result.data`. */
  removeMember(member: Node & { object: Node; property: Node; computed: boolean }, end: number = member.end): void {
    this.remove(this.pointOf(member), end);
  }

  /** Returns the position of the point, or of the bracket, of a member access. */
  pointOf({ object, property, computed }: { object: Node; property: Node; computed: boolean }): number {
    const between = this.#text.slice(object.end, property.start);
    const point = computed ? between.search(/(\?\.\s*)?\[/) : between.search(/\?\.|\./);
    return object.end + Math.max(point, 0);
  }

  /** Removes elements of a list, with their commas; whole lines where nothing else is on them. */
  removeItems(items: readonly Node[], removed: ReadonlySet<Node>): void {
    let kept: Node | null = null;
    for (const [at, item] of items.entries()) {
      if (!removed.has(item)) {
        kept = item;
        continue;
      }
      const lines = this.#ownLines(item);
      const next = items.slice(at + 1).find((one) => !removed.has(one));
      if (lines) this.remove(lines.start, lines.end);
      else if (kept) this.removeCode(items[at - 1]!.end, item.end);
      else this.removeCode(item.start, next ? items[at + 1]!.start : this.#afterComma(item.end));
    }
  }

  /** Returns the end of line that the file uses. */
  get lineEnd(): string {
    return this.#text.includes("\r\n") ? "\r\n" : "\n";
  }

  /** Returns the blanks at the start of the line of a position. */
  indentAt(position: number): string {
    const start = this.#text.lastIndexOf("\n", position - 1) + 1;
    return /^[ \t]*/.exec(this.#text.slice(start))![0];
  }

  #afterComma(position: number): number {
    return position + (/^\s*,/.exec(this.#text.slice(position))?.[0].length ?? 0);
  }

  /** Returns the lines of an element, where nothing but blanks, its comma and a comment is on them. */
  #ownLines({ start, end }: Node): { start: number; end: number } | null {
    const first = this.#text.lastIndexOf("\n", start - 1) + 1;
    const rest = /^[ \t]*,?[ \t]*(?:\/\/[^\r\n]*)?\r?\n/.exec(this.#text.slice(end));
    if (this.#text.slice(first, start).trim() !== "" || rest === null) return null;
    return { start: first, end: end + rest[0].length };
  }
}
