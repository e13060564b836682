import { type Io, isLive, write } from "../io.ts";
import type { CommonOptions } from "../run.ts";

/** Shows on stderr how far many calls have come. */
export interface Counter {
  show(text: string): void;
  /** Leaves the last text on a line of its own. */
  end(): void;
}

/** One line that is drawn again on a terminal; a line each time elsewhere; nothing with `--quiet` or `--json`. */
export async function openCounter(io: Io, { quiet, json }: CommonOptions): Promise<Counter> {
  if (quiet || json) return { show() {}, end() {} };
  if (!isLive(io.stderr, io)) return { show: (text) => void write(io.stderr, `${text}\n`), end() {} };
  const { createLogUpdate } = await import("log-update");
  const draw = createLogUpdate(io.stderr as NodeJS.WriteStream, { showCursor: true });
  return { show: (text) => draw(text), end: () => draw.done() };
}
