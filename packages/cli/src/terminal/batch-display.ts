import type { AppState } from "@gradio-rx/batch";
import { type Io, isLive, isTerminal, write } from "../io.ts";
import type { CommonOptions } from "../run.ts";
import { batchLine, type BatchView, changeOf, countsOf } from "./batch-line.ts";
import { cleanLine } from "./clean.ts";

/** Shows on stderr how far a batch is, and the states of the copies. */
export interface BatchDisplay {
  show(view: BatchView): void;
  /** Writes a line that stays. */
  note(text: string): void;
  /** Leaves the last numbers on a line of their own. */
  end(): void;
}

/** Time between two lines of numbers where they are not drawn again, in milliseconds. */
const INTERVAL = 5_000;

/**
 * One line that is drawn again on a terminal. Elsewhere a line for each change of a copy, and the numbers at most every five seconds and at
 * the end. Nothing with `--quiet` or `--json`.
 */
export async function openBatchDisplay(io: Io, { quiet, json }: CommonOptions): Promise<BatchDisplay> {
  if (quiet || json) return { show() {}, note() {}, end() {} };
  return isLive(io.stderr, io) ? await liveDisplay(io) : lineDisplay(io);
}

async function liveDisplay(io: Io): Promise<BatchDisplay> {
  const { createLogUpdate } = await import("log-update");
  // The cursor stays visible: there is nothing to restore, however the program ends.
  const draw = createLogUpdate(io.stderr as NodeJS.WriteStream, { showCursor: true });
  let last: BatchView | null = null;
  const render = (): void => {
    if (last) draw(batchLine(last, (io.stderr.columns ?? 80) - 1));
  };
  // The rests of the copies count down, also while nothing else changes.
  const timer = setInterval(render, 1_000);
  timer.unref();
  return {
    show(view) {
      last = view;
      render();
    },
    note: (text) => draw.persist(cleanLine(text)),
    end() {
      clearInterval(timer);
      if (last) draw(countsOf(last));
      draw.done();
    },
  };
}

function lineDisplay(io: Io): BatchDisplay {
  const note = (text: string): void => void write(io.stderr, `${isTerminal(io.stderr) ? cleanLine(text) : text}\n`);
  const states = new Map<string, AppState["state"]>();
  let written = "";
  let last = "";
  let time = -Infinity;
  const numbers = (): void => {
    if (last !== written) note((written = last));
  };
  return {
    show(view) {
      for (const app of view.progress?.apps ?? []) {
        if ((states.get(app.app) ?? "open") !== app.state) note(changeOf(app));
        states.set(app.app, app.state);
      }
      last = countsOf(view);
      if (performance.now() - time < INTERVAL) return;
      time = performance.now();
      numbers();
    },
    note,
    end: numbers,
  };
}
