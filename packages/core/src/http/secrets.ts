import { GradioError } from "../errors.ts";
import type { HeaderFields, TransportResponse } from "../transport.ts";

/** Maximum number of values that are remembered besides those of the options: session ids, renewed tokens, cookies. */
const MAX_RECENT = 1_000;
/** Length from which a value is replaced inside of words, too. Shorter ones would be found in most texts. */
const LONG = 8;
/** Minimum length of a value that is replaced. */
const SHORTEST = 3;
/** Maximum number of causes of an error that are checked: a cause may refer to itself. */
const MAX_CAUSES = 8;

/** Headers whose values are not secrets. The values of all others may be. */
const harmless: ReadonlySet<string> = new Set(
  "accept accept-encoding accept-language cache-control content-type origin pragma range referer user-agent x-gradio-user".split(
    " ",
  ),
);

/**
 * The secrets of one client, known by their values: tokens, passwords, session ids, headers, cookies. A server may repeat any of
 * them in an error page, in an address that it redirects to, or in the name of a file; where such a text is quoted, they are
 * replaced by `…`, in raw, URL-, form-, JSON- and HTML-encoded form.
 */
export class Secrets {
  readonly #lasting: ReadonlySet<string>;
  readonly #recent = new Set<string>();
  #pattern: RegExp | null = null;

  /** @param lasting - secrets of the options, which are never forgotten. */
  constructor(lasting: Iterable<string | undefined> = []) {
    const values = Array.from(lasting, (value) => value?.trim() ?? "");
    this.#lasting = new Set(values.filter((value) => value.length >= SHORTEST));
  }

  /** Adds a secret. The oldest one is forgotten where there are more than a thousand. */
  add(secret: string): void {
    const value = secret.trim();
    if (value.length < SHORTEST || this.#lasting.has(value)) return;
    const isNew = !this.#recent.delete(value);
    this.#recent.add(value);
    if (!isNew) return;
    this.#pattern = null;
    for (const oldest of this.#recent) {
      if (this.#recent.size <= MAX_RECENT) break;
      this.#recent.delete(oldest);
    }
  }

  /** Adds the secrets in the headers of a request. */
  addHeaders(headers: HeaderFields): void {
    for (const secret of headerSecrets(Object.entries(headers))) this.add(secret);
  }

  /** Adds the cookies of a response. Pages do not see them, and the headers of older ones have no such method. */
  addCookies({ headers }: Pick<TransportResponse, "headers">): void {
    for (const secret of cookieSecrets(headers.getSetCookie?.() ?? [])) this.add(secret);
  }

  /** Returns a text with all secrets replaced. */
  remove(text: string): string {
    this.#pattern ??= patternOf([...this.#lasting, ...this.#recent]);
    return text.replace(this.#pattern, "…");
  }

  /** Returns a JSON value with the secrets in its strings and keys replaced. */
  removeFrom(value: unknown): unknown {
    if (typeof value === "string") return this.remove(value);
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((part: unknown) => this.removeFrom(part));
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [this.remove(key), this.removeFrom(part)]));
  }

  /**
   * Replaces the secrets in an error of the SDK: in its message, its stack, its fields and its causes. A cause of another class that
   * contains a secret is replaced by a copy without it. An error of another class itself is returned unchanged.
   *
   * @returns the same error.
   */
  hide<Value>(error: Value): Value {
    if (error instanceof GradioError) this.#hideIn(error, 0);
    return error;
  }

  #hideIn(error: Error, level: number): void {
    for (const key of ["message", "stack", ...Object.keys(error)]) {
      const value: unknown = key === "cause" ? undefined : Reflect.get(error, key);
      if (typeof value !== "string" && (typeof value !== "object" || value === null)) continue;
      const clean = this.removeFrom(value);
      if (JSON.stringify(clean) !== JSON.stringify(value)) Reflect.set(error, key, clean);
    }
    if (error.cause instanceof Error) error.cause = this.#clean(error.cause, level + 1);
  }

  /** Returns a cause without secrets: the same object where it has none. */
  #clean(cause: Error, level: number): Error | undefined {
    if (level > MAX_CAUSES) return undefined;
    if (cause instanceof GradioError) {
      this.#hideIn(cause, level);
      return cause;
    }
    const inner = cause.cause instanceof Error ? this.#clean(cause.cause, level) : undefined;
    const texts = [cause.message, cause.stack, ...Object.values(cause)].filter((value) => typeof value === "string");
    if (inner === cause.cause && texts.every((text) => this.remove(text) === text)) return cause;
    const copy = new Error(this.remove(cause.message), inner && { cause: inner });
    const code = Reflect.get(cause, "code");
    Object.defineProperty(copy, "name", { value: cause.name, configurable: true });
    return typeof code === "string" ? Object.assign(copy, { code }) : copy;
  }
}

/** Yields the secrets in header fields: values of headers, without the scheme; passwords; the values of cookies. */
export function* headerSecrets(headers: Iterable<readonly [name: string, value: string]>): Generator<string> {
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (harmless.has(key)) continue;
    yield value;
    if (key === "cookie") yield* cookieSecrets(value.split(";"));
    const [, scheme = "", rest = ""] = /^(bearer|basic) +(.*)$/i.exec(value) ?? [];
    if (rest !== "") yield rest;
    if (scheme.toLowerCase() === "basic") yield* passwordsOf(rest);
  }
}

/** Yields the values of cookies, each given as `name=value`, with or without attributes behind it. */
export function* cookieSecrets(cookies: Iterable<string>): Generator<string> {
  for (const cookie of cookies) yield cookie.split(";", 1)[0]!.replace(/^[^=]*=/, "");
}

/** Yields the password in the value of basic authorization. */
function* passwordsOf(encoded: string): Generator<string> {
  try {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    yield new TextDecoder().decode(bytes).replace(/^[^:]*:/, "");
  } catch {
    // The caller's own header may be anything.
  }
}

/** Returns a pattern that matches each value in all its encodings; the longest value first. */
function patternOf(values: readonly string[]): RegExp {
  const sorted = values.toSorted((one, other) => other.length - one.length);
  const parts = sorted.map((value) => {
    const encoded = Array.from(value, encodings).join("");
    return value.length < LONG ? `(?<![\\p{L}\\p{N}_])${encoded}(?![\\p{L}\\p{N}_])` : encoded;
  });
  return parts.length > 0 ? new RegExp(parts.join("|"), "gu") : /(?!)/g;
}

const escapes: Readonly<Record<string, string>> = { "\b": "b", "\t": "t", "\n": "n", "\f": "f", "\r": "r" };

/** Returns the pattern of one character in all its encodings. */
function encodings(character: string): string {
  if (/^[\w.~-]$/.test(character)) return escaped(character);
  const bytes = Array.from(new TextEncoder().encode(character), hex(2));
  const units = Array.from({ length: character.length }, (_, index) => hex(4)(character.charCodeAt(index)));
  const code = character.codePointAt(0)!;
  const forms = [
    bytes.map((byte) => `%${byte}`).join(""),
    units.map((unit) => `\\\\u${unit}`).join(""),
    `&#${code};`,
    `&#[xX]${hex(1)(code)};`,
  ];
  if (character === " ") forms.push("\\+");
  if (character === '"' || character === "\\" || character === "/") forms.push(`\\\\${escaped(character)}`);
  if (character in escapes) forms.push(`\\\\${escapes[character]}`);
  const entity = { "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos" }[character];
  if (entity) forms.push(`&${entity};`);
  // The character itself comes last: it may be the beginning of its entity.
  return `(?:${forms.join("|")}|${escaped(character)})`;
}

/** Returns a function that writes a number in hexadecimal, as a pattern for digits of either case. */
function hex(length: number): (code: number) => string {
  return (code) =>
    code
      .toString(16)
      .padStart(length, "0")
      .replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

function escaped(character: string): string {
  return character.replace(/[$()*+./?[\\\]^{|}]/, "\\$&");
}
