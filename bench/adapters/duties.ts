import type { Duties } from "./minimum.ts";

/** Most levels of lists and objects within each other: the SDK's default. */
const DEPTH = 1_000;

/**
 * What the SDK owes its users for each event, and the official clients do not do: JSON that is nested without an end is refused
 * before it takes all memory, and every output is remembered, as an event, for readers who come late.
 */
export const duties: Duties = {
  parse(text) {
    if (text.length > DEPTH && levels(text) > DEPTH) throw new Error("It is nested too deep.");
    return JSON.parse(text);
  },
  event: (data, outputs, endpoint, eventId) => ({
    type: "data",
    endpoint,
    fnIndex: 0,
    eventId,
    time: new Date(),
    data,
    outputs,
    final: false,
    changed: null,
  }),
};

/** How deep brackets and braces lie within each other; what is in strings does not count. */
function levels(text: string): number {
  let deepest = 0;
  for (let at = 0, level = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x22) {
      do at = text.indexOf('"', at + 1);
      while (isEscaped(text, at));
    } else if (char === 0x5b || char === 0x7b) deepest = Math.max(deepest, ++level);
    else if (char === 0x5d || char === 0x7d) level--;
  }
  return deepest;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(at - 1 - slashes) === 0x5c) slashes++;
  return slashes % 2 === 1;
}
