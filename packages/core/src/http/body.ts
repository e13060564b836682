import { ProtocolError } from "../errors.ts";
import type { TransportResponse } from "../transport.ts";
import type { Deadline } from "./deadline.ts";

/** How much is taken from an app. */
export interface Limits {
  /** Most bytes of one event of a stream. */
  event: number;
  /** Most bytes of an answer that is read whole, after decompression. */
  body: number;
  /** Most levels of lists and objects within each other. */
  depth: number;
  /** Most messages that are kept of calls whose id is not known yet. */
  pendingMessages: number;
}

/**
 * The text of an answer. It is counted as it is read: what was compressed may have no end.
 *
 * @throws ProtocolError for one that is too long.
 */
export async function readText(
  { body }: Pick<TransportResponse, "body">,
  limit: number,
  deadline: Deadline,
): Promise<string> {
  const reader = body?.getReader();
  if (!reader) return "";
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await deadline.race(reader.read());
      if (done || !value) return text + decoder.decode();
      size += value.length;
      if (size > limit) throw new ProtocolError(`The app sent an answer of more than ${limit} bytes.`);
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

/**
 * What JSON says.
 *
 * @throws ProtocolError where it is nested too deep, SyntaxError where it is no JSON.
 */
export function parseJson(text: string, depth: number): unknown {
  // Nearly always there are fewer brackets than levels allowed.
  if (text.length <= depth || count(text, "[", depth) + count(text, "{", depth) <= depth) return JSON.parse(text);
  // To look into the value costs less, but a long text of nothing but brackets would take all memory while it is parsed.
  const isLong = text.length > LONG;
  if (isLong && isTextDeeper(text, depth)) throw tooDeep(depth);
  try {
    const value: Json = JSON.parse(text);
    if (isLong || !isDeeper(value, depth)) return value;
  } catch (error) {
    // Other platforms' parsers, and a walk as deep as the caller allows, may run out of stack.
    if (error instanceof SyntaxError) throw error;
  }
  throw tooDeep(depth);
}

/** In characters. A million of brackets takes 80 MB while it is parsed. */
const LONG = 1_000_000;

function tooDeep(depth: number): ProtocolError {
  return new ProtocolError(`The app sent JSON of more than ${depth} levels.`);
}

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** Lists and objects have loops of their own: one for both would see each list's places as names. */
function isDeeper(value: Json, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (depth === 0) return true;
  if (Array.isArray(value)) {
    for (const part of value) if (isDeeper(part, depth - 1)) return true;
  } else for (const name in value) if (isDeeper(value[name]!, depth - 1)) return true;
  return false;
}

function isTextDeeper(text: string, depth: number): boolean {
  let level = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(text, at);
    // Digits and separators come before all brackets. Those and braces differ in one bit, which makes one comparison of two.
    else if (code < BRACKET) continue;
    else if ((code | 32) === OPENING) {
      if (++level > depth) return true;
    } else if ((code | 32) === CLOSING) level--;
  }
  return false;
}

const QUOTE = 0x22;
const BRACKET = 0x5b;
/** `{`, and `[` with the bit in which they differ; the same for what closes. */
const OPENING = 0x7b;
const CLOSING = 0x7d;

/** How often something comes up; not counted beyond `enough`. */
function count(text: string, char: string, enough: number): number {
  let found = 0;
  for (let at = text.indexOf(char); at >= 0 && found <= enough; at = text.indexOf(char, at + 1)) found++;
  return found;
}

/** Where the string ends that begins there. */
function stringEnd(text: string, begin: number): number {
  for (let end = text.indexOf('"', begin + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}

const BACKSLASH = 0x5c;

/** Whether what should have been JSON looks like the beginning of it: the connection broke, and nobody said so. */
export function looksCut(text: string): boolean {
  return /^\s*([[{"]|$)/.test(text);
}
