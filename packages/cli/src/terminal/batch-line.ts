import type { AppState, BatchProgress } from "@gradio-rx/batch";
import { cleanLine } from "./clean.ts";

/** Numbers of a batch that are shown. */
export interface BatchView {
  /** Inputs with a record. */
  ended: number;
  failed: number;
  /** Number of all inputs; `null` for a process that does not feed them. */
  total: number | null;
  progress: Pick<BatchProgress, "apps" | "queued" | "running" | "stage"> | null;
}

const WIDTH = 20;
const BETWEEN = " | ";

/** `120 of 500 ended, 2 failed`; without a total `120 ended, 2 failed, 30 waiting, 8 running`. */
export function countsOf({ ended, failed, total, progress }: BatchView): string {
  const paused = progress?.stage === "paused" ? ", paused" : "";
  if (total !== null) return `${ended} of ${total} ended, ${failed} failed${paused}`;
  const { queued = 0, running = 0 } = progress ?? {};
  return `${ended} ended, ${failed} failed, ${queued} waiting, ${running} running${paused}`;
}

/**
 * Returns the numbers and the copies of a batch as one line, with a bar where there is room. Copies that do not fit are written shorter, as
 * in `gpu-2:7860 open 3`, or are counted by their states. The number of failures is left out while it is 0.
 *
 * @param columns - maximum length.
 */
export function batchLine(view: BatchView, columns: number, now: number = Date.now()): string {
  const counts = view.failed === 0 ? countsOf(view).replace(", 0 failed", "") : countsOf(view);
  const apps = view.progress?.apps ?? [];
  const lines = [
    apps.map((app) => `${nameOf(app.app)}: ${stateOf(app, now)}`),
    apps.map((app) => `${nameOf(app.app)} ${shortStateOf(app, now)}`),
    [summary(apps)],
  ].map((copies) => [counts, ...copies].join(BETWEEN));
  const line = lines.find(({ length }) => length <= columns) ?? counts.slice(0, columns);
  const bar = barOf(view);
  return bar !== "" && bar.length + 1 + line.length <= columns ? `${bar} ${line}` : line;
}

/** `open, 3 running, 2 waiting`, `resting 8 s`, or `out`. */
function stateOf(app: AppState, now: number): string {
  const { state, running, waiting } = app;
  if (state !== "open") return shortStateOf(app, now);
  const numbers = [...(running > 0 ? [`${running} running`] : []), ...(waiting > 0 ? [`${waiting} waiting`] : [])];
  return ["open", ...numbers].join(", ");
}

/** `open 5`, with the number of calls that run or wait; `resting 8 s`, or `out`. */
function shortStateOf({ state, until, running, waiting }: AppState, now: number): string {
  if (state === "out") return "out";
  if (state === "open") return `open ${running + waiting}`;
  return `resting ${Math.max(0, Math.ceil(((until?.getTime() ?? now) - now) / 1_000))} s`;
}

/** A change of a copy as a line of its own, with the reason. */
export function changeOf({ app, state, reason, until }: AppState): string {
  const name = nameOf(app);
  if (state === "open") return `${name} is open again`;
  const because = reason === null ? "" : `: ${reason}`;
  const time = until?.toTimeString().slice(0, 8) ?? "";
  return state === "resting" ? `${name} rests until ${time}${because}` : `${name} is out${because}`;
}

function summary(apps: readonly AppState[]): string {
  const numbers = (["open", "resting", "out"] as const)
    .map((state) => ({ state, number: apps.filter((app) => app.state === state).length }))
    .filter(({ number }) => number > 0);
  const running = apps.reduce((sum, app) => sum + app.running, 0);
  return `${apps.length} copies: ${numbers.map(({ state, number }) => `${number} ${state}`).join(", ")}, ${running} running`;
}

/** The host and path of a URL, or a Space id, without control characters. */
function nameOf(app: string): string {
  if (!URL.canParse(app)) return cleanLine(app);
  const { host, pathname } = new URL(app);
  return cleanLine(host + pathname.replace(/\/$/, ""));
}

function barOf({ ended, total }: BatchView): string {
  if (total === null || total === 0) return "";
  const filled = Math.round(Math.min(1, ended / total) * WIDTH);
  return `[${"#".repeat(filled)}${"-".repeat(WIDTH - filled)}]`;
}
