import { UsageError } from "./exit.ts";

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * Milliseconds of a duration: `500ms`, `30s`, `5m`, `1h`; seconds without a unit.
 *
 * @throws UsageError for anything else, and for 0.
 */
export function duration(text: string): number {
  const [, amount, unit = "s"] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim()) ?? [];
  const time = Number(amount) * (units[unit] ?? NaN);
  if (time > 0 && time < 2 ** 31) return time;
  throw new UsageError(`${JSON.stringify(text)} is not a duration: write 500ms, 30s, 5m or 1h, up to 24 days.`);
}
