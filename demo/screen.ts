import type { FileData, LogEvent, ProgressBar } from "@gradio-rx/client";

/** Importance of a paragraph, which a screen shows as a colour. */
export type Tone = "plain" | "quiet" | "busy" | "good";

/** One of several calls that run at the same time. */
export interface Row {
  label: string;
  state: "waiting" | "running" | "cancelled" | "finished";
  text: string;
}

/** Output of the scenes: a terminal or a page. */
export interface Screen {
  /** Shows a paragraph. */
  print(text: string, tone?: Tone): void;
  /** Shows a log message of the app. */
  log(event: LogEvent): void;
  /** Shows an error: its class, its message, and advice. */
  error(error: unknown): void;
  /** Shows whether an expectation holds. */
  check(ok: boolean, text: string): void;
  /** Shows a picture that is sent or received. */
  picture(image: File | FileData, caption: string): void;
  /** Adds a part whose content is replaced until it ends. There is one such part at a time. */
  live(): Live;
}

/** A part of the screen. Each method replaces what the part shows. */
export interface Live {
  /** Shows a text, which may grow. */
  text(text: string, tone?: Tone): void;
  /** Shows the progress bars of the app. */
  bars(bars: readonly ProgressBar[]): void;
  /** Shows several calls, below the text of a search box if there is one. */
  rows(rows: readonly Row[], search?: string): void;
  /** Keeps what the part shows. */
  end(): void;
}
