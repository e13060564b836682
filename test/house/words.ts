import { docComments, parse, type TextFile } from "./syntax.ts";

/** A place in a file where the rules for plain language are broken. */
export interface Offender {
  /** `path:line`. */
  at: string;
  /** The offending words with some of their surroundings. */
  words: string;
}

/** Paths that the rules hold for. `.` stands for the whole repository. */
export const roots: readonly string[] = ["."];

/** The lists below hold every word that they forbid. */
const exempt = new Set(["test/house/words.ts", "test/house/words.spec.ts"]);

/** Doc comments that are real questions, as they begin. */
export const questions: readonly string[] = [];

/** First word of a doc comment that begins with a relative or interrogative clause. "Whether" is allowed. */
const clause = /^(what(ever)?|who(ever|m|se)?|which(ever)?|where(ver)?|how|why|of|by)\b/i;

/** Words and phrases that are not used, each with what to write instead. */
export const phrases: ReadonlyArray<readonly [words: RegExp, instead: string]> = [
  [/\b(no|some|any|every)body\b/i, "name the subject: the caller, the user, a reader; or 'nothing', 'no reader'"],
  [/\bwho(so)?ever\b/i, "name the subject"],
  [/\b(comes?|came|coming) about\b/i, "'is established', 'happens'"],
  [/\b([Ii]s|[Aa]re|was|were|be) none\b/, "'is not a …', 'there is no …'"],
  [/\b(tells?|told|telling) of\b/i, "'reports', 'describes'"],
  [/\b(says?|said|speaks?|knows?) nothing of\b/i, "'does not mention'"],
  [/\b(lies?|lay|lain|lying) (at|on|in|behind|within|elsewhere|beside|ahead|there)\b/i, "'is at', 'is stored in'"],
  [/\b(goes|go|went|gone) by\b/i, "'uses', 'passes'"],
  [/\b(comes?|came|comes along) bare\b/i, "'is returned as is'"],
  [/\bin passing\b/i, "'transient'"],
  [/\bby the way\b/i, "leave it out"],
  [/\bin the midst\b/i, "'during', 'in the middle of'"],
  [/\b(own affair|bad manners|in little room)\b/i, "say what is meant"],
  [/\b(somebody|someone|anyone|everyone) else'?s?\b/i, "'another client', 'another user'"],
  [/\b(other|few|most) people('s)?\b/i, "'untrusted', 'other users'"],
  [/(?<!\bthere )\b(is|are|was|were) no (?!longer\b|more\b|less\b)[a-z]/i, "'is not a …', 'there is no …'"],
];

/** Doc comments of a file that begin with a relative or interrogative clause. */
export function clauses(file: TextFile): Offender[] {
  if (exempt.has(file.path)) return [];
  return openings(file)
    .filter(({ text }) => beginsWithClause(text))
    .map(({ line, text }) => ({ at: `${file.path}:${line}`, words: text.slice(0, 60) }));
}

/** Whether a doc comment begins with a relative or interrogative clause, and is not listed as a question. */
export function beginsWithClause(text: string): boolean {
  return clause.test(text) && !questions.some((question) => text.startsWith(question));
}

/** Doc comments of a file: of Python its doc strings. */
export function openings({ path, text }: TextFile): Array<{ line: number; text: string }> {
  if (/\.[cm]?[jt]sx?$/.test(path)) return docComments(parse({ path, text }));
  if (!path.endsWith(".py")) return [];
  return text.split("\n").flatMap((line, index) => {
    const opening = /^\s*(?:def .*: )?"""(\S.*)/.exec(line)?.[1];
    return opening === undefined ? [] : [{ line: index + 1, text: opening }];
  });
}

/** Words of a file that are not used, in code, comments, strings and prose alike, also where a line ends between them. */
export function unwanted({ path, text }: TextFile): Offender[] {
  if (exempt.has(path)) return [];
  // As many characters as before, so that a match is on the line where it begins.
  const joined = text.replaceAll(/\n[ \t]*(?:\*|\/\/|#|>)?[ \t]*/g, (end) => " ".repeat(end.length));
  return phrases.flatMap(([words, instead]) =>
    Array.from(
      joined.matchAll(new RegExp(words.source.replaceAll(" ", " +"), `g${words.flags}`)),
      ({ index, 0: found }) => {
        const around = joined.slice(Math.max(0, index - 25), index + found.length + 25).replaceAll(/ +/g, " ");
        return { at: `${path}:${text.slice(0, index).split("\n").length}`, words: `${around.trim()}   [${instead}]` };
      },
    ),
  );
}
