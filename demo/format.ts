import type { LogEvent } from "@gradio-rx/client";
import { describeError } from "./describe-error.ts";
import { paint, paragraph } from "./terminal.ts";
import { stripControls } from "./text.ts";

/** Formats an error for a terminal: its class, its message, and advice. */
export function formatError(error: unknown): string[] {
  const { name, code, message, advice } = describeError(error);
  if (name === undefined) return paragraph(`   ${stripControls(message)}`, "red");
  return [
    `   ${paint(["red", "bold"], name)} ${paint("dim", `code "${code}"`)}`,
    ...paragraph(`   ${stripControls(message)}`),
    ...(advice === undefined ? [] : paragraph(`   ${advice}`, "dim")),
  ];
}

const SIGNS = { info: "ℹ", warning: "⚠", success: "✓", error: "✗" } as const;
const COLOURS = { info: "blue", warning: "yellow", success: "green", error: "red" } as const;

/** Formats a log message of the app for a terminal. */
export function formatLog({ level, log, title }: LogEvent): string {
  const heading = title === null || title.toLowerCase() === level ? "" : `${stripControls(title)}: `;
  return `   ${paint(COLOURS[level], SIGNS[level])} ${heading}${stripControls(log)}`;
}
