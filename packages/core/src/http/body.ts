import { createParser } from "eventsource-parser";
import { Observable } from "rxjs";
import { ProtocolError } from "../errors.ts";
import type { TransportResponse } from "../transport.ts";

/** Upper limits for what is accepted from an app. */
export interface Limits {
  /** Maximum number of characters of one event of a stream. */
  event: number;
  /** Maximum number of bytes of an answer that is read whole, after decompression. */
  body: number;
  /** Maximum number of nested arrays and objects. */
  depth: number;
  /** Maximum number of messages that are kept of calls whose id is not known yet. */
  pendingMessages: number;
  /** Maximum size of those messages in bytes. */
  pendingBytes: number;
  /** Maximum number of bytes of the log of a call that are kept. */
  logs: number;
}

/**
 * Reads the text of an answer. Bytes are counted as they are read: a compressed body may be endless.
 *
 * @param signal - ends the reading; the body is released.
 * @throws ProtocolError for a body of more than `limit` bytes; what the body fails with.
 */
export async function readText(
  { body }: Pick<TransportResponse, "body">,
  { limit, signal }: { limit: number; signal: AbortSignal },
): Promise<string> {
  const reader = body?.getReader();
  if (!reader) return "";
  const release = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener("abort", release, { once: true });
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      // A body that was released may end as if it were complete.
      signal.throwIfAborted();
      if (done || !value) return text + decoder.decode();
      size += value.length;
      if (size > limit) throw new ProtocolError(`The answer has more than ${limit} bytes. See the option "limits".`);
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    signal.removeEventListener("abort", release);
    release();
  }
}

/** Returns the size of a text in bytes, encoded as UTF-8. */
export function utf8Size(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Pattern of integers that may be beyond 2^53. */
const LONG_INTEGER = /\d{16}/;

/**
 * Parses JSON of limited depth, with integers beyond 2^53 as `bigint`.
 *
 * @throws ProtocolError for a deeper value; SyntaxError for text that is not JSON.
 */
export function parseExactJson(text: string, depth: number): unknown {
  const rounded = parseJson(text, depth);
  return LONG_INTEGER.test(text) ? JSON.parse(text, exactInteger) : rounded;
}

/** Whether the platform's `JSON.parse` gives access to the digits of a number. */
export function parsesExactly(): boolean {
  return typeof JSON.parse(String(2n ** 60n), exactInteger) === "bigint";
}

/** Reviver of `JSON.parse` that reads a large integer from its digits. */
function exactInteger(_: string, value: unknown, context?: { source?: string }): unknown {
  const isLarge = typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER;
  const digits = isLarge ? context?.source : undefined;
  return digits !== undefined && /^-?\d+$/.test(digits) ? BigInt(digits) : value;
}

/**
 * Parses JSON of limited depth.
 *
 * @throws ProtocolError for a deeper value; SyntaxError for text that is not JSON.
 */
export function parseJson(text: string, depth: number): unknown {
  // Most texts have fewer brackets than levels are allowed.
  if (text.length <= depth || count(text, "[", depth) + count(text, "{", depth) <= depth) return JSON.parse(text);
  // Checking the value costs less than checking the text, but parsing a long text of brackets alone would exhaust the memory.
  const isLong = text.length > LONG;
  if (isLong && isTextDeeper(text, depth)) throw tooDeep(depth);
  try {
    const value: Json = JSON.parse(text);
    if (isLong || !isDeeper(value, depth)) return value;
  } catch (error) {
    // Parsers of other platforms, and the recursive check itself, may overflow the stack.
    if (error instanceof SyntaxError) throw error;
  }
  throw tooDeep(depth);
}

/** Length in characters from which a text is checked before it is parsed. A million brackets take 80 MB while they are parsed. */
const LONG = 1_000_000;

function tooDeep(depth: number): ProtocolError {
  return new ProtocolError(`The answer has JSON of more than ${depth} nested levels. See the option "limits".`);
}

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** Whether a value has more than `depth` levels. */
function isDeeper(value: Json, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (depth === 0) return true;
  if (Array.isArray(value)) {
    for (const part of value) if (isDeeper(part, depth - 1)) return true;
  } else for (const name in value) if (isDeeper(value[name]!, depth - 1)) return true;
  return false;
}

/** Whether a text of JSON has more than `depth` levels. */
function isTextDeeper(text: string, depth: number): boolean {
  let level = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(text, at);
    // Digits and separators have smaller codes than brackets. Brackets and braces differ in one bit, so one comparison covers both.
    else if (code < BRACKET) continue;
    else if ((code | 32) === OPENING) {
      if (++level > depth) return true;
    } else if ((code | 32) === CLOSING) level--;
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACKET = 0x5b;
/** Codes of `{` and `}`, which are those of `[` and `]` with one more bit. */
const OPENING = 0x7b;
const CLOSING = 0x7d;

/** Counts a character in a text. Returns at most `enough + 1`. */
function count(text: string, char: string, enough: number): number {
  let found = 0;
  for (let at = text.indexOf(char); at >= 0 && found <= enough; at = text.indexOf(char, at + 1)) found++;
  return found;
}

/** Returns the index of the quote that ends a JSON string. */
function stringEnd(text: string, begin: number): number {
  for (let end = text.indexOf('"', begin + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}

/** Whether a text that is not JSON looks like the beginning of it: some platforms report a broken connection as the end of the body. */
export function looksTruncated(text: string): boolean {
  return /^\s*([[{"]|$)/.test(text);
}

/** Options of {@link eventStream}. */
export interface EventStreamOptions {
  /** Sends the request. Resolves with the head of the answer; the signal must end the body, too. */
  open: (signal: AbortSignal) => Promise<Pick<TransportResponse, "body">>;
  /** Called when the head of the answer has arrived. */
  onOpen?: () => void;
  /** Called for each chunk of the body, including comments and heartbeats. */
  onBytes?: () => void;
  /** Maximum number of characters of one event. */
  limit: number;
}

/**
 * Emits the `data` of each event of a `text/event-stream`. Cold: each subscription sends the request, and unsubscribing aborts
 * it. Completes when the body ends; the subscriber decides whether that was expected.
 */
export function eventStream(options: EventStreamOptions): Observable<string> {
  return new Observable<string>((subscriber) => {
    const abort = new AbortController();
    let ended = false;
    const parser = createParser({
      onEvent: ({ data }) => {
        if (data.length > options.limit) subscriber.error(tooLong(options.limit));
        else subscriber.next(data);
      },
      onError: (error) => {
        if (error.type === "max-buffer-size-exceeded") subscriber.error(tooLong(options.limit));
      },
      maxBufferSize: options.limit,
    });
    const read = async (): Promise<void> => {
      const response = await options.open(abort.signal);
      options.onOpen?.();
      // With `from(body)`, a subscriber that has left would be noticed only at the next chunk.
      const reader = response.body?.getReader();
      // The parser drops one byte order mark, as the standard says. A second one is data.
      const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
      while (reader && !subscriber.closed) {
        const { done, value } = await reader.read();
        ended = done;
        if (done) break;
        options.onBytes?.();
        const text = decoder.decode(value, { stream: true });
        // The parser checks the limit between two chunks, so no chunk may be larger.
        if (text.length <= options.limit) parser.feed(text);
        else for (let at = 0; at < text.length; at += options.limit) parser.feed(text.slice(at, at + options.limit));
      }
    };
    read().then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
    return () => {
      // Aborting a body that has ended would destroy its connection.
      if (!ended) abort.abort();
    };
  });
}

function tooLong(limit: number): ProtocolError {
  return new ProtocolError(`The app sent an event of more than ${limit} characters. See the option "limits".`);
}
