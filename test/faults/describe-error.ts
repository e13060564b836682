import { ConnectionError, GradioError, RateLimitError, TimeoutError } from "#sdk";
import { Wrong } from "./row.ts";

/** Describes an error: its class, and in brackets the property that distinguishes it from others of the class. */
export function describeError(error: unknown): string {
  if (error instanceof Wrong) return `wrong: ${error.message}`;
  if (error instanceof ConnectionError) return `ConnectionError(${String(error.accepted)})`;
  if (error instanceof TimeoutError) return `TimeoutError(${error.kind})`;
  if (error instanceof RateLimitError) return `RateLimitError(${String(error.retryAfter)})`;
  if (error instanceof GradioError) return error.name;
  return `untyped ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
}

/** Whether an outcome is allowed. */
export function isAllowed(outcome: string, allowed: readonly string[]): boolean {
  const typed = /^\w+Error(\(.*\))?$/.test(outcome);
  return allowed.some((one) => one === outcome || one === outcome.replace(/\(.*/, "") || (one === "typed" && typed));
}

/** Violation in the message of an error; `null` if it is correct. */
export function violationIn(error: unknown): string | null {
  if (!(error instanceof GradioError)) return null;
  const { message } = error;
  if (/^(null|undefined|)$/.test(message) || message.includes("[object ")) return `message without content: ${message}`;
  if (message.length > 700) return `message too long: ${message.length} characters`;
  const words = [error.message, error.stack, JSON.stringify(error), String(error.cause)].join();
  return words.includes(SECRET) ? "error contains a secret" : null;
}

/** Secret in every token and header of the suite; it must not appear anywhere else. */
export const SECRET = "verysecret";
