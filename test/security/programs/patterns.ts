// Runs every regular expression of the sources over long texts that are hard for bad ones; prints how many there are.
import { glob, readFile } from "node:fs/promises";

/** A literal as the sources write it: after what may stand before a value, and not a comment. */
const literal = /(?:[(=,:?|&!]|return|=>)\s*\/((?![*/])(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuvy]*)/g;

/**
 * Those that are over what a caller writes, or over texts that were cut before: they may take their time. Each with the
 * longest text that it may get.
 */
const bounded = new Map([
  // The address of the Hub is the caller's.
  [String.raw`\/+$`, 1_000],
  // Names of files are cut at 1 000 characters before they are looked at.
  [String.raw`^[. ]+|[. ]+$`, 1_000],
  [String.raw`[. ]+$`, 1_000],
]);

const LONG = 200_000;
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
