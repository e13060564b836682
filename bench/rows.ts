import type { AdapterName } from "./adapters/adapter.ts";

/** A target of a row: a maximum or minimum, absolute or as a multiple of another column. */
export interface Target {
  most?: number;
  least?: number;
  /** Default: the figure itself, without a reference. */
  times?: "floor" | "js";
}

/** One line of the table. */
export interface Row {
  title: string;
  unit: string;
  /** Name of the figure in the samples. */
  figure: string;
  /** Targets, all of which have to be met. Without targets the row is for information. */
  targets?: readonly Target[];
  /** Adapter of the SDK that the targets apply to. Default `ours`. */
  adapter?: AdapterName;
}

/** Medians of one row by column. A column that was not measured is missing; a text gives the reason for a missing figure. */
export type Medians = { [Name in AdapterName]?: number | string };

/**
 * Verdict on a row: its targets are met or missed; or the minimum with the same duties misses them as well, and then no client
 * can meet them.
 */
export type Verdict = "met" | "missed" | "out of reach";

/** A row with its figures. */
export interface Result {
  row: Row;
  medians: Medians;
  /** `null` for a row without targets or figures. */
  verdict: Verdict | null;
}

/** Compares a row with its targets. Ignores targets whose reference column has no figure. */
export function judge(row: Row, medians: Medians): Result {
  const missed = (column: AdapterName): Target[] =>
    (row.targets ?? []).filter((target) => isMet(medians[column], target, medians) === false);
  const own = row.adapter ?? "ours";
  const said = (row.targets ?? []).some((target) => isMet(medians[own], target, medians) !== null);
  if (!said) return { row, medians, verdict: null };
  const byMinimum = new Set([...missed("floor"), ...missed("dutiful")]);
  const byUs = missed(own);
  const verdict = byUs.length === 0 ? "met" : byUs.every((target) => byMinimum.has(target)) ? "out of reach" : "missed";
  return { row, medians, verdict };
}

function isMet(own: number | string | undefined, { most, least, times }: Target, medians: Medians): boolean | null {
  if (own === undefined) return null;
  if (typeof own === "string") return false;
  const base = times === undefined ? 1 : medians[times];
  if (typeof base !== "number") return null;
  return (most === undefined || own <= most * base) && (least === undefined || own >= least * base);
}

/** Describes a target. */
export function wording({ most, least, times }: Target): string {
  const bound = most === undefined ? `≥ ${least?.toLocaleString("en")}` : `≤ ${most.toLocaleString("en")}`;
  return times === undefined ? bound : `${bound}× ${times === "js" ? "JS" : "floor"}`;
}

/** Returns the median. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
