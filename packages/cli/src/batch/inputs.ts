import type { EndpointInfo } from "@gradio-rx/node";
import { parse } from "csv-parse/sync";
import { takesList, valueOf } from "../data/values.ts";
import { parseJson } from "../data/words.ts";
import { UsageError } from "../exit.ts";

/**
 * The inputs of a batch: one a line of JSON (objects or arrays; blank lines do not count), or one a row of CSV.
 *
 * @throws UsageError naming the line that cannot be read.
 */
export function parseInputs(text: string, format: "jsonl" | "csv", endpoint: EndpointInfo | undefined): unknown[] {
  return format === "csv" ? csv(text, endpoint) : jsonLines(text);
}

function jsonLines(text: string): unknown[] {
  return text.split("\n").flatMap((line, at) => {
    if (line.trim() === "") return [];
    const input = parseJson(line.replace(/^\uFEFF/, ""), `Line ${at + 1} of the input`);
    if (typeof input === "object" && input !== null) return [input];
    throw new UsageError(
      `Line ${at + 1} of the input is neither a JSON object (by parameter name) nor a JSON array (by position).`,
    );
  });
}

function csv(text: string, endpoint: EndpointInfo | undefined): unknown[] {
  let rows: Record<string, string>[];
  try {
    rows = parse(text, { bom: true, columns: true, skip_empty_lines: true, relax_column_count: false });
  } catch (error) {
    throw new UsageError(`The CSV cannot be read: ${(error as Error).message}.`);
  }
  return rows.map((row, at) => {
    const cells = Object.entries(row).flatMap(([name, cell]) => {
      const parameter = endpoint?.parameters.find((one) => one.name === name);
      if (!parameter) return [[name, cell] as const];
      // An empty cell leaves out a parameter that has a default and does not take a text.
      if (cell === "" && parameter.hasDefault && typeof parameter.default !== "string") return [];
      try {
        const value = valueOf(cell, parameter);
        return [[name, takesList(parameter) ? [value] : value] as const];
      } catch (error) {
        throw error instanceof UsageError ? new UsageError(`Row ${at + 1} of the CSV: ${error.message}`) : error;
      }
    });
    return Object.fromEntries(cells);
  });
}
