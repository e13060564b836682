import type { ProgressBar } from "@gradio-rx/client";

/** Completed fraction of a bar from 0 to 1; `null` if the app does not report the total. */
export function share({ progress, index, length }: ProgressBar): number | null {
  if (progress !== null) return Math.min(Math.max(progress, 0), 1);
  return index !== null && length ? Math.min(index / length, 1) : null;
}

/** Progress in the units of the app: `12 of 25 steps`. */
export function count(bar: ProgressBar): string {
  const { index, length, unit } = bar;
  if (index === null) return `${Math.round((share(bar) ?? 0) * 100)} %`;
  return `${index}${length === null ? "" : ` of ${length}`} ${unit ?? "steps"}`;
}
