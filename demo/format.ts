import {
  AppError,
  AuthenticationError,
  ConnectionError,
  GradioError,
  ProtocolError,
  type LogEvent,
} from "@gradio-rx/node";
import { paint, paragraph } from "./screen.ts";
import { stripControls } from "./text.ts";

/** Formats an error: its class, its message, and advice. */
export function formatError(error: unknown): string[] {
  if (!(error instanceof GradioError))
    return paragraph(`   ${stripControls(error instanceof Error ? error.message : String(error))}`, "red");
  const title = error instanceof AppError && error.title !== null && error.title !== "Error" ? `${error.title}: ` : "";
  const message = paragraph(`   ${stripControls(title + error.message)}`);
  const help = advice(error);
  return [
    `   ${paint(["red", "bold"], error.name)} ${paint("dim", `code "${error.code}"`)}`,
    ...message,
    ...(help === undefined ? [] : paragraph(`   ${help}`, "dim")),
  ];
}

function advice(error: Error): string | undefined {
  if (error instanceof ConnectionError) return "Check that the app is running and that the URL is right.";
  if (error instanceof ProtocolError) return "Check that there is a Gradio app at this URL.";
  if (error instanceof AuthenticationError)
    return "The app requires a login or a token: see the options of Client.connect.";
  return undefined;
}

const SIGNS = { info: "ℹ", warning: "⚠", success: "✓", error: "✗" } as const;
const COLOURS = { info: "blue", warning: "yellow", success: "green", error: "red" } as const;

/** Formats a log message of the app. */
export function formatLog({ level, log, title }: LogEvent): string {
  const heading = title === null || title.toLowerCase() === level ? "" : `${stripControls(title)}: `;
  return `   ${paint(COLOURS[level], SIGNS[level])} ${heading}${stripControls(log)}`;
}
