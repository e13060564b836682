import type { FileData, ReturnInfo } from "@gradio-rx/node";
import { type Io, isTerminal, style } from "./io.ts";
import { clean, cleanLine } from "./terminal/clean.ts";

/** Whether a value is a file as the SDK gives it. */
export function isFile(value: unknown): value is FileData {
  if (typeof value !== "object" || value === null) return false;
  return "path" in value && typeof value.path === "string" && "url" in value && "isStream" in value;
}

/** Every file in a value, at any depth. */
export function filesIn(value: unknown): FileData[] {
  if (isFile(value)) return [value];
  if (Array.isArray(value)) return value.flatMap(filesIn);
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(filesIn) : [];
}

/** The same value with each of its files replaced. */
export function mapFiles(value: unknown, make: (file: FileData) => unknown): unknown {
  if (isFile(value)) return make(value);
  if (Array.isArray(value)) return value.map((part) => mapFiles(part, make));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, mapFiles(part, make)]));
}

/**
 * The text of a call's result on stdout: a text as it is, files by their addresses or paths, anything else as JSON; on a
 * terminal, several outputs each under its label.
 */
export function resultText(result: unknown, returns: readonly ReturnInfo[] | undefined, { stdout }: Io): string {
  const isSeveral = returns !== undefined && returns.length > 1 && Array.isArray(result);
  if (result === null && (returns === undefined || returns.length === 0)) return "";
  if (!isTerminal(stdout)) return line(isSeveral ? JSON.stringify(result, null, 2) : valueText(result));
  if (!isSeveral) return line(clean(valueText(result)));
  const parts = returns.map(({ label }, at) => {
    const heading = style("bold", `${cleanLine(label)}:`, stdout);
    return `${heading}\n${line(clean(valueText((result as readonly unknown[])[at])))}`;
  });
  return parts.join("");
}

function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  if (isFile(value)) return value.localPath ?? value.url;
  if (Array.isArray(value) && value.length > 0 && value.every(isFile)) return value.map(valueText).join("\n");
  return JSON.stringify(value, null, 2) ?? "null";
}

function line(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}
