import type { EndpointInfo } from "@gradio-rx/node";
import { type CsvError, parse } from "csv-parse/sync";
import { takesList, valueOf } from "../data/values.ts";
import { parseJson } from "../data/words.ts";
import { UsageError } from "../exit.ts";
import { type RawLine, rawLines, rawRows } from "./raw-lines.ts";

/** Format of a file of inputs. */
export type Format = "jsonl" | "csv";

/** One input of a batch. */
export interface BatchInput {
  /** An object by parameter name, or an array by position. */
  data: object;
  /** Its place in the file, for errors: `Line 3 of the input`. */
  place: string;
}

/** Returns the format of a file: the one of `--format`, else by the ending of its name. */
export function formatOf(file: string, { format }: { format?: Format }): Format {
  return format ?? (/\.csv$/i.test(file) ? "csv" : "jsonl");
}

/** Reads the inputs of a batch: one a line of JSON (objects or arrays; blank lines do not count), or one a row of CSV. */
export class InputReader {
  readonly #format: Format;
  readonly #endpoint: EndpointInfo | undefined;
  /** Names of the columns of the CSV that was read last. */
  #columns: readonly string[] = [];

  constructor(format: Format, endpoint: EndpointInfo | undefined) {
    this.#format = format;
    this.#endpoint = endpoint;
  }

  /**
   * Yields each input as soon as its line or its row is complete, with the offset of its first byte.
   *
   * @throws UsageError with the line that cannot be read.
   */
  async *read(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<BatchInput & { start: number }, void> {
    const groups = rawLines(chunks);
    yield* this.#format === "csv" ? this.#rows(rawRows(groups)) : this.#lines(groups);
  }

  /** Parses one line or row. A row follows the header, which `read` has read. */
  parse(text: string, place: string): BatchInput {
    return this.#format === "csv" ? this.#row(text, place) : jsonInput(text, place);
  }

  async *#lines(groups: AsyncIterable<RawLine[]>): AsyncGenerator<BatchInput & { start: number }, void> {
    let number = 0;
    for await (const lines of groups)
      for (const { text, start } of lines) {
        number++;
        if (text.trim() !== "") yield { ...jsonInput(text, `Line ${number} of the input`), start };
      }
  }

  async *#rows(groups: AsyncIterable<RawLine[]>): AsyncGenerator<BatchInput & { start: number }, void> {
    let columns: readonly string[] | undefined;
    let number = 0;
    for await (const group of groups) {
      const rows = group.filter(({ text }) => !isEmpty(text));
      if (!columns && rows.length > 0) this.#columns = columns = columnsOf(rows.shift()!.text);
      const parsed = this.#parsed(rows.map(({ text }) => text));
      for (const [at, { text, start }] of rows.entries()) {
        const place = `Row ${++number} of the CSV`;
        yield { ...(parsed ? csvInput(parsed[at]!, place, this.#endpoint) : this.#row(text, place)), start };
      }
    }
  }

  /** Parses rows together, which is faster than one by one; `undefined` where one of them cannot be read. */
  #parsed(rows: readonly string[]): Row[] | undefined {
    if (rows.length < 2) return undefined;
    try {
      const parsed = parseRows(rows.join("\n"), this.#columns);
      return parsed.length === rows.length ? parsed : undefined;
    } catch {
      return undefined;
    }
  }

  #row(text: string, place: string): BatchInput {
    let row: Row;
    try {
      [row = {}] = parseRows(text, this.#columns);
    } catch (error) {
      throw unreadable(error, place);
    }
    return csvInput(row, place, this.#endpoint);
  }
}

type Row = Record<string, string>;

function parseRows(text: string, columns: readonly string[]): Row[] {
  return parse(text, { columns: [...columns], record_delimiter: ["\n", "\r\n"], skip_empty_lines: true });
}

function jsonInput(line: string, place: string): BatchInput {
  const data = parseJson(line.replace(/^\uFEFF/, ""), place);
  if (typeof data === "object" && data !== null) return { data, place };
  throw new UsageError(`${place} is neither a JSON object (by parameter name) nor a JSON array (by position).`);
}

function isEmpty(row: string): boolean {
  return row === "" || row === "\r" || row === "\uFEFF" || row === "\uFEFF\r";
}

/** Returns the names of a header. Throws UsageError. */
function columnsOf(header: string): string[] {
  const place = "The header of the CSV";
  let rows: string[][];
  try {
    rows = parse(header, { bom: true, skip_empty_lines: true });
  } catch (error) {
    throw unreadable(error, place);
  }
  // The parser takes a carriage return alone as the end of a line, which splitting into lines does not.
  if (rows.length > 1)
    throw new UsageError(
      "The CSV cannot be read: its lines end with a carriage return alone. End them with a newline.",
    );
  return rows[0] ?? [];
}

/** Returns the error for a row that the parser refuses. The number of its line is the one within the row. */
function unreadable(error: unknown, place: string): UsageError {
  const { message } = error as CsvError;
  return new UsageError(`The CSV cannot be read: ${message.replace(/ (?:on|at) line \d+/, "")} (${place}).`);
}

function csvInput(row: Row, place: string, endpoint: EndpointInfo | undefined): BatchInput {
  const cells = Object.entries(row).flatMap(([name, cell]) => {
    const parameter = endpoint?.parameters.find((one) => one.name === name);
    if (!parameter) return [[name, cell] as const];
    // An empty cell leaves out a parameter that has a default and does not take a text.
    if (cell === "" && parameter.hasDefault && typeof parameter.default !== "string") return [];
    try {
      const value = valueOf(cell, parameter);
      return [[name, takesList(parameter) ? [value] : value] as const];
    } catch (error) {
      throw error instanceof UsageError ? new UsageError(`${place}: ${error.message}`) : error;
    }
  });
  return { data: Object.fromEntries(cells), place };
}
