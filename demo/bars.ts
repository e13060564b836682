import type { ProgressBar } from "@gradio-rx/node";
import { count, share } from "./progress.ts";
import { paint } from "./terminal.ts";
import { pad, stripControls } from "./text.ts";

/** Formats the progress bars of the app, nested ones below their parents. */
export function drawBars(bars: readonly ProgressBar[], columns: number): string[] {
  const names = bars.map(({ desc }) => stripControls(desc ?? "progress"));
  const name = Math.min(Math.max(...names.map((text) => text.length), 0), 24);
  const counts = bars.map(count);
  const length = Math.max(Math.min(columns - name - Math.max(...counts.map((text) => text.length), 0) - 8, 40), 5);
  return bars.map((bar, at) => {
    const done = share(bar);
    const full = Math.round((done ?? 0) * length);
    const line = paint("green", "█".repeat(full)) + paint("dim", (done === null ? "·" : "░").repeat(length - full));
    return `   ${pad(names[at]!, name)}  ${line}  ${paint("dim", counts[at]!)}`;
  });
}

/** Formats the progress in one line: `training 1 of 3 epochs, epoch 2 12 of 25 steps`. */
export function tellBars(bars: readonly ProgressBar[]): string {
  return bars.map((bar) => `${stripControls(bar.desc ?? "progress")}: ${count(bar)}`).join(", ");
}
