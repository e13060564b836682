import { UsageError } from "../exit.ts";

/** One word of a call's data, as it was written. */
export interface Word {
  name: string;
  /** `=` gives a text, `@=` the text of a file, `:=` JSON. */
  kind: "text" | "file text" | "json";
  value: string;
}

const WORD = /^([\p{L}\p{N}_.$-]+)(:=|@=|=)(.*)$/su;
const kinds: Readonly<Record<string, Word["kind"]>> = { "=": "text", "@=": "file text", ":=": "json" };

/** The parts of `name=value`, `name@=path` or `name:=json`; `undefined` for any other word. */
export function parseWord(word: string): Word | undefined {
  const [, name, sign, value] = WORD.exec(word) ?? [];
  const kind = kinds[sign ?? ""];
  return name === undefined || kind === undefined ? undefined : { name, kind, value: value ?? "" };
}

/** Whether a word is data of a call, and not the name of an endpoint. */
export function isData(word: string): boolean {
  return word === "-" || /^\s*[{[]/.test(word) || parseWord(word) !== undefined;
}

/** All data of a call as one word: JSON, or `-` for JSON from stdin. */
export function wholeData(words: readonly string[]): string | undefined {
  const whole = words.find((word) => word === "-" || /^\s*[{[]/.test(word));
  if (whole !== undefined && words.length > 1)
    throw new UsageError("Data as one JSON value, or from stdin with -, stands alone: leave out the other words.");
  return whole;
}

/**
 * Parses a JSON text.
 *
 * @param what - what the text is, for the error.
 * @throws UsageError for any other text.
 */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UsageError(`${what} is not valid JSON: ${(error as Error).message}.`);
  }
}
