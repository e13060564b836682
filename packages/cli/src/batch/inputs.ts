import type { EndpointInfo } from "@gradio-rx/node";
import { parse } from "csv-parse/sync";
import type { Readable } from "node:stream";
import { takesList, valueOf } from "../data/values.ts";
import { parseJson } from "../data/words.ts";
import { UsageError } from "../exit.ts";

/** Format of a file of inputs. */
export type Format = "jsonl" | "csv";

/** One input of a batch. */
export interface BatchInput {
  /** An object by parameter name, or an array by position. */
  data: object;
  /** Its place in the file, for errors: `Line 3 of the input`. */
  place: string;
}

/**
 * The inputs of a batch: one a line of JSON (objects or arrays; blank lines do not count), or one a row of CSV.
 *
 * @throws UsageError with the line that cannot be read.
 */
export function* parseInputs(
  text: string,
  format: Format,
  endpoint: EndpointInfo | undefined,
): Generator<BatchInput, void> {
  yield* format === "csv" ? csv(text, endpoint) : jsonLines(text);
}

/**
 * The same inputs from a stream: each is there as soon as its line or its row is.
 *
 * @throws UsageError with the line that cannot be read.
 */
export async function* streamInputs(
  stream: Readable,
  format: Format,
  endpoint: EndpointInfo | undefined,
): AsyncGenerator<BatchInput, void> {
  let at = 0;
  if (format === "csv") {
    for await (const row of rowsOf(stream)) yield csvInput(row, at++, endpoint);
    return;
  }
  for await (const line of linesOf(stream)) {
    const input = jsonInput(line, at++);
    if (input) yield input;
  }
}

/** Lines of a stream, without the newline at their end. */
async function* linesOf(stream: Readable): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}

function* jsonLines(text: string): Generator<BatchInput, void> {
  for (const [at, line] of text.split("\n").entries()) {
    const input = jsonInput(line, at);
    if (input) yield input;
  }
}

/** The input in a line; `undefined` for a blank one. */
function jsonInput(line: string, at: number): BatchInput | undefined {
  if (line.trim() === "") return undefined;
  const place = `Line ${at + 1} of the input`;
  const data = parseJson(line.replace(/^\uFEFF/, ""), place);
  if (typeof data === "object" && data !== null) return { data, place };
  throw new UsageError(`${place} is neither a JSON object (by parameter name) nor a JSON array (by position).`);
}

type Row = Record<string, string>;

const csvOptions = { bom: true, columns: true, skip_empty_lines: true, relax_column_count: false } as const;

/**
 * Rows of a stream. The parser of the library holds a row back until the next one comes, so each is given to it on its own: it ends
 * with the first line after which no quote is open.
 */
async function* rowsOf(stream: Readable): AsyncGenerator<Row, void> {
  let header: string | undefined;
  let record = "";
  for await (const line of linesOf(stream)) {
    record += `${line}\n`;
    if (record.split('"').length % 2 === 0) continue;
    if (header === undefined) header = record;
    else yield* rows(`${header}${record}`);
    record = "";
  }
  if (record !== "") yield* rows(`${header ?? ""}${record}`);
}

/** Parses a CSV. Throws UsageError. */
function rows(text: string): Row[] {
  try {
    return parse(text, csvOptions);
  } catch (error) {
    throw new UsageError(`The CSV cannot be read: ${(error as Error).message}.`);
  }
}

function* csv(text: string, endpoint: EndpointInfo | undefined): Generator<BatchInput, void> {
  for (const [at, row] of rows(text).entries()) yield csvInput(row, at, endpoint);
}

function csvInput(row: Row, at: number, endpoint: EndpointInfo | undefined): BatchInput {
  const place = `Row ${at + 1} of the CSV`;
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
