/** A line of a file, or lines that belong together, with its place. */
export interface RawLine {
  text: string;
  /** Offset of its first byte. */
  start: number;
}

const NEWLINE = 10;

/**
 * Splits bytes into lines, without the newline at their end. Yields all lines that end in a chunk together. A chunk is not used after the
 * next one was read.
 */
export async function* rawLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<RawLine[], void> {
  /** Parts of a line whose end has not come yet. */
  let parts: Buffer[] = [];
  let start = 0;
  let read = 0;
  for await (const given of chunks) {
    const chunk = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
    const lines: RawLine[] = [];
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      parts.push(chunk.subarray(from, end));
      lines.push({ text: textOf(parts), start });
      parts = [];
      from = end + 1;
      start = read + from;
    }
    if (from < chunk.length) parts.push(Buffer.from(chunk.subarray(from)));
    read += chunk.length;
    if (lines.length > 0) yield lines;
  }
  if (parts.length > 0) yield [{ text: textOf(parts), start }];
}

/** Joins lines to rows of CSV: a row ends with the first line after which no quote is open. */
export async function* rawRows(groups: AsyncIterable<readonly RawLine[]>): AsyncGenerator<RawLine[], void> {
  /** Lines of a row whose end has not come yet. */
  let open: RawLine[] = [];
  let isQuoted = false;
  for await (const lines of groups) {
    const rows: RawLine[] = [];
    for (const line of lines) {
      open.push(line);
      if (line.text.split('"').length % 2 === 0) isQuoted = !isQuoted;
      if (isQuoted) continue;
      rows.push(joined(open));
      open = [];
    }
    if (rows.length > 0) yield rows;
  }
  if (open.length > 0) yield [joined(open)];
}

function joined(lines: readonly RawLine[]): RawLine {
  return lines.length === 1 ? lines[0]! : { text: lines.map(({ text }) => text).join("\n"), start: lines[0]!.start };
}

function textOf(parts: readonly Buffer[]): string {
  return (parts.length === 1 ? parts[0]! : Buffer.concat(parts)).toString("utf8");
}
