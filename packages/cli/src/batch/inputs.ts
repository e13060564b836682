import type { EndpointInfo } from "@gradio-rx/node";
import { parse } from "csv-parse/sync";
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

function* jsonLines(text: string): Generator<BatchInput, void> {
  for (const [at, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const place = `Line ${at + 1} of the input`;
    const data = parseJson(line.replace(/^\uFEFF/, ""), place);
    if (typeof data !== "object" || data === null)
      throw new UsageError(`${place} is neither a JSON object (by parameter name) nor a JSON array (by position).`);
    yield { data, place };
  }
}

function* csv(text: string, endpoint: EndpointInfo | undefined): Generator<BatchInput, void> {
  let rows: Record<string, string>[];
  try {
    rows = parse(text, { bom: true, columns: true, skip_empty_lines: true, relax_column_count: false });
  } catch (error) {
    throw new UsageError(`The CSV cannot be read: ${(error as Error).message}.`);
  }
  for (const [at, row] of rows.entries()) {
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
    yield { data: Object.fromEntries(cells), place };
  }
}
