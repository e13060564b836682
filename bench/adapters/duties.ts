import type { Duties } from "./minimum.ts";

/** Most levels of lists and objects within each other: the SDK's default. */
const DEPTH = 1_000;

/**
 * What the SDK owes its users for each event, and the official clients do not do: JSON that is nested without an end is refused,
 * and every output is remembered, as an event, for readers who come late.
 */
export const duties: Duties = {
  parse(text) {
    const value: Json = JSON.parse(text);
    if (text.length > DEPTH && isDeeper(value, DEPTH)) throw new Error("It is nested too deep.");
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
