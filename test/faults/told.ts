import { ConnectionError, GradioError, RateLimitError, TimeoutError } from "#sdk";
import { Wrong } from "./row.ts";

/** An error in a word: its class, and in brackets what tells it from its kin. */
export function told(error: unknown): string {
  if (error instanceof Wrong) return `wrong: ${error.message}`;
  if (error instanceof ConnectionError) return `ConnectionError(${String(error.accepted)})`;
  if (error instanceof TimeoutError) return `TimeoutError(${error.kind})`;
  if (error instanceof RateLimitError) return `RateLimitError(${String(error.retryAfter)})`;
  if (error instanceof GradioError) return error.name;
  return `untyped ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
}

/** Whether an outcome is among those that are allowed. */
export function isAllowed(outcome: string, allowed: readonly string[]): boolean {
  const typed = /^\w+Error(\(.*\))?$/.test(outcome);
  return allowed.some((one) => one === outcome || one === outcome.replace(/\(.*/, "") || (one === "typed" && typed));
}

/** What is wrong with an error's words; `null` where nothing is. */
export function badWords(error: unknown): string | null {
  if (!(error instanceof GradioError)) return null;
  const { message } = error;
  if (/^(null|undefined|)$/.test(message) || message.includes("[object ")) return `it says nothing: ${message}`;
  if (message.length > 700) return `it says too much: ${message.length} characters`;
  const words = [error.message, error.stack, JSON.stringify(error), String(error.cause)].join();
  return words.includes(SECRET) ? "it tells a secret" : null;
}

/** In every token and header of the suite's; it must turn up nowhere else. */
export const SECRET = "verysecret";
