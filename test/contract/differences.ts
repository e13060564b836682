import { place } from "./place.ts";

/** A range of Gradio versions: from `since` up to, but not including, `before`. */
interface Range {
  since?: string;
  before?: string;
}

/**
 * Differences of older servers: statements that hold instead of those for the newest version, with the versions they apply to.
 *
 * Nothing else may differ. A test asks `holds` and asserts the one sentence or the other, so that it is never left out.
 */
const differences = {
  // The protocol.
  "calls use WebSockets, bypass fetch and logger, and have no ids": { before: "4.0" },
  "every call has a connection of its own": { before: "4.9" },
  "the description is not at the first requested path": { before: "5.0" },
  "outputs are sent whole: changes are unknown, and nothing is shared": { before: "4.17" },
  "the app announces the URL of the request as its root": { since: "4.18", before: "4.21" },
  "the app sends no names and defaults of parameters": { before: "4.23" },
  "hidden endpoints are shown": { before: "4.12" },
  "the app requires no heartbeat": { before: "4.29" },
  "a call that is cancelled in the queue may still start": { since: "4.9", before: "6.14" },
  // Features that Gradio did not have, and its bugs.
  "all jobs of a batch get the output of the last one": { since: "4.16", before: "4.20" },
  "functions have no limit of their own, the app has one for all": { before: "4.0" },
  "files can have any size": { before: "4.28" },
  "logs and errors have neither duration nor visibility": { before: "4.37" },
  "media is not streamed": { before: "5.0" },
  "logs and errors have no title": { before: "5.2" },
  "there are no logs with level success": { before: "5.10" },
  "files are sent whole, also for range requests": { before: "5.0" },
  // The versions between 5.0 and 5.50 were not tried.
  "responses are not compressed": { before: "5.50" },
  "the app has no cache of results": { before: "6.12" },
  "gallery items are pairs of a file and its caption": { before: "4.0" },
  "files with names that begin with a dot are not served": { before: "4.0" },
  "chat messages are pairs": { before: "5.0" },
  "contents of chat messages are texts": { since: "5.0", before: "6.0" },
  // The versions between 6.0 and 6.31 were not tried.
  "names of uploaded files keep only letters, digits, spaces, dots, dashes and underscores": { before: "6.31" },
} satisfies Record<string, Range>;

/** Gradio version of this run; the embedded app behaves like the newest. */
export const version: string = place === "embedded" ? "6.31.0" : place;

/** Whether a statement about older servers holds for the servers of this run. */
export function holds(sentence: keyof typeof differences): boolean {
  const { since, before }: Range = differences[sentence];
  return (since === undefined || !isBefore(since)) && (before === undefined || isBefore(before));
}

/** Whether this run's servers are older than a version, such as "4.23". */
function isBefore(other: string): boolean {
  const [own, wanted] = [version, other].map((text) => text.split(".").map(Number));
  const at = wanted!.findIndex((part, index) => part !== own![index]);
  return at >= 0 && own![at]! < wanted![at]!;
}

/** Prefix of all paths of the app's API. */
export const prefix: string = isBefore("5.0") ? "" : "/gradio_api";

/** Protocol that this version announces. */
export const protocol: string =
  [
    ["4.0", "ws"],
    ["4.9", "sse"],
    ["4.17", "sse_v1"],
    ["4.21", "sse_v2"],
    ["4.22", "sse_v2.1"],
  ].find(([end]) => isBefore(end!))?.[1] ?? "sse_v3";

/** Whether the app sends names and defaults of its parameters. */
export const named: boolean = !holds("the app sends no names and defaults of parameters");

/** Returns the name that the app gives to an uploaded file. */
export function cleaned(name: string): string {
  const plain = holds("names of uploaded files keep only letters, digits, spaces, dots, dashes and underscores");
  return plain ? name.replaceAll(/[^\p{L}\p{M}\p{N}._ -]/gu, "") : name;
}

/** Returns arguments by name if the app sends names; otherwise the same arguments by position. */
export function byName(data: Record<string, unknown>): Record<string, unknown> | unknown[] {
  return named ? data : Object.values(data);
}

/** Returns how an error refers to a parameter: by its name, or by its position and label. */
export function called(name: string): string {
  return named ? `"${name}"` : `(${name})`;
}
