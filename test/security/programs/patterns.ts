// Runs every regular expression of the sources, or those of the arguments, on texts that are hard for slow expressions, and compares
// the durations for two lengths. Prints the number of expressions. Exits with 1 where one takes more than linear time.
import { glob, readFile } from "node:fs/promises";

/** Matches a regular expression literal in the sources: after a token that may precede a value, and not in a comment. */
const literal = /(?:[(=,:?|&!]|return|=>)\s*\/((?![*/])(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuvy]*)/g;

/**
 * Expressions that are applied to input of the caller, or to texts of limited length. Each with the longest text that it may be
 * applied to.
 */
const bounded = new Map([
  // The URL of the Hub is set by the caller.
  [String.raw`\/+$`, 1_000],
  // The paths of a proxy are set by the caller.
  [String.raw`^\/+|\/+$`, 1_000],
  // File names are cut to 1 000 characters before.
  [String.raw`^[. ]+|[. ]+$`, 1_000],
  [String.raw`[. ]+$`, 1_000],
]);

/** Lengths of the texts that are compared, in characters. */
const LONG = 16_000;
const SHORT = LONG / 4;
/** Duration in milliseconds below which an expression on the long text counts as fast. Quadratic time takes many times as long. */
const FAST = 5;
/** Ratio of the durations of both lengths above which the time is not linear: linear time takes 4 times as long, quadratic time 16 times. */
const MAX_RATIO = 9;
const REPEATS = 3;

const units = [
  "a",
  " ",
  ".",
  "/",
  "\\",
  ":",
  "@",
  "=",
  "-",
  "_",
  "0",
  "x-",
  "hf_",
  "a.",
  "a-",
  "://",
  "bearer ",
  "cookie",
  "__sign=",
  "\\x",
  "exceeded your ",
  "config",
  "config/",
  "?",
  "#",
  "a@",
  "'",
  '"',
  "é",
  "\0",
];
const ends = ["", "!", "\n", "x", "@", " ", "/"];

/** Returns the duration of one match in milliseconds. */
function duration(pattern: RegExp, text: string): number {
  const begin = performance.now();
  if (pattern.global) text.replaceAll(pattern, "");
  else pattern.test(text);
  return performance.now() - begin;
}

/** Returns the shortest duration of several matches: other processes and the compiler only add to it. */
function shortest(pattern: RegExp, text: string): number {
  return Math.min(...Array.from({ length: REPEATS }, () => duration(pattern, text)));
}

/** Returns a text on which the expression takes more than linear time, shortened, or `null`. */
function findSlow(source: string, flags: string): string | null {
  const limit = bounded.get(source);
  const pattern = new RegExp(source, flags.replace("y", ""));
  // Characters of the expression itself are units, too.
  for (const unit of new Set([...units, ...Array.from(source)]))
    for (const end of ends)
      for (const start of ["", "x", "http://"]) {
        const text = (length: number): string => start + unit.repeat(Math.ceil(length / unit.length)) + end;
        const long = text(limit ?? LONG);
        if (duration(pattern, long) < FAST || limit !== undefined) continue;
        const longest = shortest(pattern, long);
        if (longest >= FAST && longest / shortest(pattern, text(SHORT)) > MAX_RATIO) return JSON.stringify(text(20));
      }
  return null;
}

/** Returns source and flags of each literal in the sources of the packages. */
async function literals(): Promise<[source: string, flags: string][]> {
  const found: [string, string][] = [];
  for await (const path of glob("packages/{core,node,web}/src/**/*.ts", {
    cwd: new URL("../../../", import.meta.url).pathname,
  })) {
    if (path.endsWith(".spec.ts")) continue;
    const text = await readFile(new URL(`../../../${path}`, import.meta.url), "utf8");
    for (const [, source = "", flags = ""] of text.matchAll(literal)) found.push([source, flags]);
  }
  return found;
}

const given = process.argv.slice(2).map((source): [string, string] => [source, ""]);
const checked = given.length > 0 ? given : await literals();
for (const [source, flags] of checked) {
  const slow = findSlow(source, flags);
  if (slow === null) continue;
  process.stderr.write(`/${source}/${flags} takes more than linear time on texts such as ${slow}.\n`);
  process.exitCode = 1;
}
process.stdout.write(String(checked.length));
