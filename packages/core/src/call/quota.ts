import { QuotaError } from "../errors.ts";
import type { WireFailure } from "../wire/messages.ts";

/** The error of a GPU quota that is used up (PROTOCOL.md, 1.8); `undefined` for a failure of another kind. */
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

/** `1:02:03`, also behind `1 day, `, in milliseconds. */
function clock(text: string | undefined): number | null {
  const [, days = "0", time = ""] = /^(?:(\d+) days?,? )?(\d+(?::\d+)+)$/.exec(text ?? "") ?? [];
  if (time === "") return null;
  return (time.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400) * 1_000;
}

/** The text of a message that is HTML: its links lead to pages of the Hub. */
function withoutTags(html: string): string {
  return html
    .replace(/<\/?[a-z][^<>]*>/gi, "")
    .replace(/\s+/g, " ")
    .trim();
}
