import type { Duties } from "./minimum.ts";

/** Maximum nesting of lists and objects: the SDK's default. */
const DEPTH = 1_000;

/**
 * Duties of the SDK for each event that the official clients do not have: it rejects JSON that is nested too deep, and it keeps
 * every output, as an event, for late readers.
 */
export const duties: Duties = {
  parse(text) {
    const value: Json = JSON.parse(text);
    if (text.length > DEPTH && isDeeper(value, DEPTH)) throw new Error("The JSON is nested too deep.");
    return value;
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

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

function isDeeper(value: Json, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (depth === 0) return true;
  if (Array.isArray(value)) {
    for (const part of value) if (isDeeper(part, depth - 1)) return true;
  } else for (const name in value) if (isDeeper(value[name]!, depth - 1)) return true;
  return false;
}
