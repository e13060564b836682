import { AppError, ConnectionError, type GradioError, ProtocolError, QuotaError, SessionLostError } from "../errors.ts";
import type { WireFailure, WireMessage, WireOutput } from "../wire/messages.ts";
import { untilClosed } from "./status.ts";

// The errors of a call that the app's messages report.

/**
 * Checks that an output has one value for each output component, states included. After a cancel it has no data at all.
 *
 * @param outputs - number of outputs of the function.
 * @throws ProtocolError.
 */
export function checkShape({ data, broken }: WireOutput, outputs: number): void {
  if (broken !== null) throw new ProtocolError(broken);
  if (data !== null && data.length !== outputs)
    throw new ProtocolError(`The app sent ${data.length} values for the ${outputs} outputs of the function.`);
}

/** Returns the error for the failure of a function. */
export function appError(failure: WireFailure): GradioError {
  const quota = quotaError(failure);
  if (quota) return quota;
  const { error, title, duration, visible } = failure;
  const message =
    error ??
    "The app raised an error and hides its text. Check the values of the call. The text is in the log of the app, and is sent with show_error=True.";
  return new AppError(message, { title, duration: untilClosed(duration), visible });
}

/**
 * Returns the error for a call that the app ended.
 *
 * @param said - part of the app's text that the error may contain.
 */
export function lost(
  { sessionNotFound }: Extract<WireMessage, { kind: "unexpected_error" }>,
  said: string,
): SessionLostError | ConnectionError {
  if (sessionNotFound)
    return new SessionLostError(
      `The app no longer knows this session (${said}). It restarted, or dropped it; call again.`,
    );
  return new ConnectionError(`The app ended the call: ${said}`, { accepted: true });
}

/** Returns the error of a GPU quota that is used up (PROTOCOL.md, 1.8); `undefined` for a failure of another kind. */
export function quotaError({ error, title }: WireFailure): QuotaError | undefined {
  const message = withoutTags(error ?? title ?? "");
  const named = title?.startsWith("ZeroGPU") === true;
  // Other services speak of quotas too: "You exceeded your current quota".
  if (!named && !/exceeded your .{0,40}(GPU quota|quota \()/i.test(message)) return undefined;
  const [, requested, left] = /\((\d+)s? requested vs\.? (\d+)s? left/i.exec(message) ?? [];
  return new QuotaError(message, {
    title,
    requested: seconds(requested),
    left: seconds(left),
    retryAfter: clock(/try again in ((?:\d+ days?,? )?[\d:]+)/i.exec(message)?.[1]),
  });
}

function seconds(digits: string | undefined): number | null {
  return digits === undefined ? null : Number(digits) * 1_000;
}

/** Parses a duration such as `1:02:03` or `1 day, 1:02:03` to milliseconds; returns `null` for any other text. */
function clock(text: string | undefined): number | null {
  const [, days = "0", time = ""] = /^(?:(\d+) days?,? )?(\d+(?::\d+)+)$/.exec(text ?? "") ?? [];
  if (time === "") return null;
  return (time.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400) * 1_000;
}

/** Returns the text of a message that may be HTML with links to pages of the Hub. */
function withoutTags(html: string): string {
  return html
    .replace(/<\/?[a-z][^<>]*>/gi, "")
    .replace(/\s+/g, " ")
    .trim();
}
