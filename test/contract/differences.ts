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
  "calls go over sockets, of which no fetch and no logger knows, and have no ids": { before: "4.0" },
  "every call has a connection of its own": { before: "4.9" },
  "the description is not where it is asked for first": { before: "5.0" },
  "outputs come whole: what changed is not told, and nothing is shared": { before: "4.17" },
  "the root that the app announces is the address it was asked at": { since: "4.18", before: "4.21" },
  "the app tells no names and no defaults of its parameters": { before: "4.23" },
  "endpoints that are not to be shown are shown": { before: "4.12" },
  "the app wants no heartbeat": { before: "4.29" },
  "a call that is cancelled in the queue may start all the same": { since: "4.9", before: "6.14" },
  // Features that Gradio did not have, and its bugs.
  "jobs of one batch all get the answer of its last": { since: "4.16", before: "4.20" },
  "a function has no limit of its own, the app has one for all": { before: "4.0" },
  "files may have any size": { before: "4.28" },
  "logs and errors have neither duration nor visibility": { before: "4.37" },
  "nothing is streamed piece by piece": { before: "5.0" },
  "logs and errors have no title": { before: "5.2" },
  "there are no logs of success": { before: "5.10" },
  "files are given whole, whatever part of them is asked for": { before: "5.0" },
  // The versions between 5.0 and 5.50 were not tried.
  "nothing is compressed": { before: "5.50" },
  "the app remembers no answers": { before: "6.12" },
  "galleries are pairs of a file and its caption": { before: "4.0" },
  "files whose names begin with a dot are not given out": { before: "4.0" },
  "chats are pairs": { before: "5.0" },
  "messages of a chat are texts": { since: "5.0", before: "6.0" },
  // The versions between 6.0 and 6.31 were not tried.
  "names of uploaded files keep letters, digits, blanks, dots, dashes and underscores alone": { before: "6.31" },
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
export const named: boolean = !holds("the app tells no names and no defaults of its parameters");

/** Returns the name that the app gives to an uploaded file. */
export function cleaned(name: string): string {
  const plain = holds("names of uploaded files keep letters, digits, blanks, dots, dashes and underscores alone");
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
