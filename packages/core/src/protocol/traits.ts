import type { WireTraits } from "../wire/messages.ts";

/** How the generations and versions of the wire differ (PROTOCOL.md, 2.1). */
export interface Traits extends WireTraits {
  /** Whether any call can be cancelled by itself; before 4.31 only a generator that runs can. */
  cancels: boolean;
  /** Whether a session whose stream said goodbye stays known: then the next stream may be opened before a call was taken. */
  remembers: boolean;
  /** Whether a cancel takes a waiting call out of the queue; before 6.14 it is told to be over, and runs all the same. */
  dequeues: boolean;
}

/**
 * The traits of an app. What only old ones need is loaded where one is met.
 *
 * @param protocol - as the configuration names it.
 * @param version - of Gradio; one that cannot be read counts as new.
 */
export async function traitsOf(protocol: string, version: string): Promise<Traits> {
  return {
    diffs: protocol.startsWith("sse_v") && protocol !== "sse_v1",
    unquote: isBefore(version, 5, 2) ? (await import("../wire/repr.ts")).unquote : null,
    cancels: !isBefore(version, 4, 31),
    remembers: protocol === "sse_v3",
    dequeues: !isBefore(version, 6, 14),
  };
}

function isBefore(version: string, major: number, minor: number): boolean {
  // What is no number is before none.
  const [ownMajor = NaN, ownMinor = NaN] = version.split(".").map(Number);
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}
