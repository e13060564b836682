import type { AdapterName } from "./adapters/adapter.ts";

/** What a row has to reach: at most, or at least, so many times another column; or so much. */
export interface Target {
  most?: number;
  least?: number;
  /** Default: the figure itself. */
  times?: "floor" | "js";
}

/** One line of the table. */
export interface Row {
  title: string;
  unit: string;
  /** Name of the figure in the samples. */
  figure: string;
  /** All of them have to be met; without any the row is for information. */
  targets?: readonly Target[];
  /** Which of our doors it is about. Default `ours`. */
  door?: AdapterName;
}

/** The medians of one row, by column. A column that is missing was not measured; a text says why there is no figure. */
export type Medians = { [Name in AdapterName]?: number | string };

/**
 * What came of a row: its targets are met, or missed; or missed by the hand-written minimum, too, where that has the same duties:
 * then no client meets them.
 */
export type Verdict = "met" | "missed" | "by nobody";

/** A row with its figures. */
export interface Result {
  row: Row;
  medians: Medians;
  /** `null` where there is nothing to say. */
  verdict: Verdict | null;
}

/** Holds a row against its targets. A target whose other column has no figure says nothing. */
export function judge(row: Row, medians: Medians): Result {
  const missed = (column: AdapterName): Target[] =>
    (row.targets ?? []).filter((target) => isMet(medians[column], target, medians) === false);
  const own = row.door ?? "ours";
  const said = (row.targets ?? []).some((target) => isMet(medians[own], target, medians) !== null);
  if (!said) return { row, medians, verdict: null };
  const byMinimum = new Set([...missed("floor"), ...missed("dutiful")]);
  const byUs = missed(own);
  const verdict = byUs.length === 0 ? "met" : byUs.every((target) => byMinimum.has(target)) ? "by nobody" : "missed";
  return { row, medians, verdict };
}

function isMet(own: number | string | undefined, { most, least, times }: Target, medians: Medians): boolean | null {
  if (own === undefined) return null;
  if (typeof own === "string") return false;
  const base = times === undefined ? 1 : medians[times];
  if (typeof base !== "number") return null;
  return (most === undefined || own <= most * base) && (least === undefined || own >= least * base);
}

/** A target in words. */
export function wording({ most, least, times }: Target): string {
  const bound = most === undefined ? `≥ ${least?.toLocaleString("en")}` : `≤ ${most.toLocaleString("en")}`;
  return times === undefined ? bound : `${bound}× ${times === "js" ? "JS" : "floor"}`;
}

/** The middle of some figures. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
