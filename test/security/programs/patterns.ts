// Runs every regular expression of the sources on long texts that are hard for slow expressions; prints their number.
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

const LONG = 100_000;
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

let count = 0;
for await (const path of glob("packages/{core,node,web}/src/**/*.ts", {
  cwd: new URL("../../../", import.meta.url).pathname,
})) {
  if (path.endsWith(".spec.ts")) continue;
  const text = await readFile(new URL(`../../../${path}`, import.meta.url), "utf8");
  for (const [, source = "", flags = ""] of text.matchAll(literal)) {
    count++;
    const length = bounded.get(source) ?? LONG;
    const pattern = new RegExp(source, flags.replace("y", ""));
    for (const unit of units)
      for (const end of ends)
        for (const start of ["", "x", "http://"]) {
          const hard = start + unit.repeat(Math.ceil(length / unit.length)) + end;
          if (pattern.global) hard.replaceAll(pattern, "");
          else pattern.test(hard);
        }
  }
}
process.stdout.write(String(count));
