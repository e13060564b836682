import type { Medians, Result, Row } from "./rows.ts";
import { wording } from "./rows.ts";

/** Formats the results as a Markdown table. */
export function markdown(results: readonly Result[]): string {
  const lines = results.map(({ row, medians, verdict }) =>
    [
      row.unit === "" ? row.title : `${row.title}, ${row.unit}`,
      cell(medians, "py"),
      cell(medians, "js"),
      cell(medians, "floor"),
      cell(medians, "dutiful"),
      cell(medians, row.adapter ?? "ours"),
      (row.targets ?? []).map(wording).join(", ") || "–",
      verdict === null ? "" : words[verdict],
    ].join(" | "),
  );
  const head =
    "scenario | Python client | JS client | floor | with our duties | gradio-rx | target | \n:-- | --: | --: | --: | --: | --: | --: | :--";
  return `| ${head.replace("\n", "|\n| ")} |\n${lines.map((line) => `| ${line} |`).join("\n")}\n`;
}

const words = { met: "met", missed: "**missed**", "out of reach": "missed, by the minimum too" };

function cell(medians: Medians, column: keyof Medians): string {
  const figure = medians[column];
  if (figure === undefined) return "–";
  if (typeof figure === "string") return figure === "never" ? "never" : "failed";
  const { floor } = medians;
  const ratio = typeof floor === "number" && floor > 0.5 && column !== "floor" ? ` (${digits(figure / floor)}×)` : "";
  return digits(figure) + ratio;
}

/** Formats a number with three significant digits. */
export function digits(figure: number): string {
  const size = Math.abs(figure);
  if (size >= 100) return Math.round(figure).toLocaleString("en");
  return figure.toFixed(size >= 10 ? 1 : 2);
}

/** Returns the name of a row in one line. */
export function label({ title, unit }: Row): string {
  return unit === "" ? title : `${title}, ${unit}`;
}
