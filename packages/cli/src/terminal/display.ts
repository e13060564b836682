import type { LogEvent, ProgressBar, StatusUpdate } from "@gradio-rx/node";
import { type Io, isLive, isTerminal, style, write } from "../io.ts";
import type { CommonOptions } from "../run.ts";
import { clean, cleanLine } from "./clean.ts";
import { cut } from "./layout.ts";

/** Shows how a call goes, beside its result. */
export interface Display {
  status(update: StatusUpdate): void;
  log(event: LogEvent): void;
  /** An output that is not the last one. */
  output(value: unknown): void;
  /** Removes what was shown for the time of the call. */
  end(): void;
}

const silent: Display = { status() {}, log() {}, output() {}, end() {} };

/** The display that fits the outputs: live lines on a terminal, whole lines elsewhere, none with `--quiet` or `--json`. */
export async function openDisplay(io: Io, { quiet, json }: CommonOptions): Promise<Display> {
  if (json) return silent;
  const texts = isLive(io.stdout, io);
  if (isLive(io.stderr, io) && !quiet) return await LiveDisplay.open(io, { texts, statuses: true });
  const lines = quiet ? silent : lineDisplay(io);
  if (!texts) return lines;
  const live = await LiveDisplay.open(io, { texts, statuses: false });
  return {
    status: (update) => lines.status(update),
    log: (event) => lines.log(event),
    output: (value) => live.output(value),
    end: () => live.end(),
  };
}

/** One line for each new stage, and for each log. */
function lineDisplay(io: Io): Display {
  let stage = "";
  return {
    status(update) {
      if (update.stage === stage || update.success !== null) return;
      stage = update.stage;
      void write(io.stderr, `${said(update.msg, io)}\n`);
    },
    log: (event) => void write(io.stderr, `${logLine(event, io)}\n`),
    output() {},
    end() {},
  };
}

function said(text: string, { stderr }: Io): string {
  return isTerminal(stderr) ? cleanLine(text) : text;
}

function logLine({ level, title, log }: LogEvent, io: Io): string {
  const colours = { info: "blue", warning: "yellow", success: "green", error: "red" } as const;
  // Gradio's own titles are the level's name.
  const isOwn = title !== null && title !== "" && title.toLowerCase() !== level;
  const text = isOwn ? `${title}: ${log}` : log;
  return `${style(colours[level], `${level}:`, io.stderr)} ${said(text, io)}`;
}

type LogUpdate = ReturnType<(typeof import("log-update"))["createLogUpdate"]>;

/** Parts that a live display shows. */
interface Shown {
  /** The outputs of a generator, where they are texts. */
  texts: boolean;
  statuses: boolean;
}

/** Lines that are drawn again: the text so far, the stage with its place and its seconds, and the app's bars. */
class LiveDisplay implements Display {
  readonly #io: Io;
  readonly #draw: LogUpdate;
  readonly #shows: Shown;
  readonly #started = performance.now();
  readonly #timer: NodeJS.Timeout;
  #status: StatusUpdate | null = null;
  #text = "";
  #hasEnded = false;

  private constructor(io: Io, draw: LogUpdate, shows: Shown) {
    this.#io = io;
    this.#draw = draw;
    this.#shows = shows;
    this.#timer = setInterval(() => this.#render(), 1_000);
    this.#timer.unref();
  }

  /** Makes a display on stderr; on stdout where no statuses are shown. */
  static async open(io: Io, shows: Shown): Promise<LiveDisplay> {
    const { createLogUpdate } = await import("log-update");
    const stream = shows.statuses ? io.stderr : io.stdout;
    // The cursor stays visible: there is nothing to restore, however the program ends.
    return new LiveDisplay(io, createLogUpdate(stream as NodeJS.WriteStream, { showCursor: true }), shows);
  }

  status(update: StatusUpdate): void {
    this.#status = update;
    this.#render();
  }

  log(event: LogEvent): void {
    this.#draw.persist(logLine(event, this.#io));
  }

  output(value: unknown): void {
    if (!this.#shows.texts || typeof value !== "string") return;
    this.#text = value;
    this.#render();
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearInterval(this.#timer);
    this.#draw.clear();
    this.#draw.done();
  }

  #render(): void {
    // What is taller than the terminal could not be taken back: the last lines of the text are shown.
    const { stdout, stderr } = this.#io;
    const { rows = 24, columns = 80 } = this.#shows.statuses ? stderr : stdout;
    const status = this.#shows.statuses ? this.#statusLines(columns) : [];
    const text = clean(this.#text.slice(-rows * columns)).replaceAll("\t", "    ");
    const room = Math.max(1, rows - status.length - 1);
    const lines = text === "" ? [] : text.split("\n").flatMap((line) => cut(line, columns));
    this.#draw([...lines.slice(-room), ...status].join("\n"));
  }

  #statusLines(columns: number): string[] {
    const update = this.#status;
    if (!update || update.success !== null) return [];
    const seconds = Math.floor((performance.now() - this.#started) / 1_000);
    const line = `${cleanLine(update.msg)} (${seconds} s)`;
    // The server repeats the bars of the first steps while a generator yields: those that are full say nothing new.
    const isOld = (bar: ProgressBar): boolean => update.stage === "generating" && shareOf(bar) === 1;
    const bars = (update.progressData ?? [])
      .filter((bar) => !isOld(bar))
      .map((bar) => cut(barLine(bar), columns - 1)[0]!);
    return [style("dim", cut(line, columns - 1)[0]!, this.#io.stderr), ...bars];
  }
}

const WIDTH = 20;

/** Part of a bar that is done, from 0 to 1; `null` where the app does not say. */
function shareOf({ index, length, progress }: ProgressBar): number | null {
  return progress ?? (index !== null && length ? index / length : null);
}

/** `steps [########------------] 40% 2/5 loading` */
function barLine(given: ProgressBar): string {
  const { index, length, unit, desc } = given;
  const share = shareOf(given);
  const filled = share === null ? 0 : Math.round(Math.min(1, Math.max(0, share)) * WIDTH);
  const bar = share === null ? "" : `[${"#".repeat(filled)}${"-".repeat(WIDTH - filled)}] ${Math.round(share * 100)}%`;
  const count = index === null ? "" : `${index}${length === null ? "" : `/${length}`}${unit ? ` ${unit}` : ""}`;
  return cleanLine([desc ?? "", bar, count].filter((part) => part !== "").join(" "));
}
