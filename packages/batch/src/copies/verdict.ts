import {
  AuthenticationError,
  ConnectionError,
  FileTooLargeError,
  InputError,
  QueueFullError,
  QuotaError,
  RateLimitError,
  SessionLostError,
  SpaceError,
  ValidationError,
} from "@gradio-rx/node";

/**
 * Consequence of the error of a run:
 * - `"dead"`: the input is a dead letter at once.
 * - `"attempt"`: the input failed once; the next attempt is made with another copy.
 * - `"rest"`: the copy rests, and the input is run elsewhere; it did not fail.
 * - `"lost"`: the connection to the copy was lost. The copy rests. Whether the input ran is unknown.
 * - `"out"`: the copy refuses every call, and is connected again later.
 */
export type Verdict =
  | { kind: "dead" | "attempt" | "out" }
  | { kind: "rest" | "lost"; shortest: number; longest: number };

const busy = { shortest: 200, longest: 10_000 };
const away = { shortest: 500, longest: 30_000 };
/** Rest after a used-up quota that does not say when to try again. */
const QUOTA_REST = 600_000;

/** Returns the consequence of an error of a call, or of connecting to a copy. Times are in milliseconds. */
export function verdictOf(error: unknown): Verdict {
  if (error instanceof InputError || error instanceof ValidationError || error instanceof FileTooLargeError)
    return { kind: "dead" };
  if (error instanceof QueueFullError) return { kind: "rest", ...busy };
  if (error instanceof RateLimitError) return { kind: "rest", ...after(error.retryAfter, busy) };
  if (error instanceof QuotaError) return { kind: "rest", ...after(error.retryAfter ?? QUOTA_REST, busy) };
  if (error instanceof SpaceError || error instanceof AuthenticationError) return { kind: "out" };
  if (error instanceof ConnectionError) return { kind: error.accepted === false ? "rest" : "lost", ...away };
  if (error instanceof SessionLostError) return { kind: "lost", ...away };
  return { kind: "attempt" };
}

function after(time: number | null, otherwise: { shortest: number; longest: number }): typeof otherwise {
  return time === null ? otherwise : { shortest: time, longest: time };
}
