import { expect, test, vi } from "vitest";
import { filesOf } from "./syntax.ts";
import { clauses, type Offender, openings, questions, roots, unwanted } from "./words.ts";

// Parsing all sources takes seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const files = filesOf(roots);
const list = (offenders: readonly Offender[]): string[] => offenders.map(({ at, words }) => `${at}  ${words}`);

test("every doc comment begins with a noun, a verb or Whether, not with What, Who, Of, By, Where or How", () => {
  expect(list(files.flatMap(clauses))).toEqual([]);
});

test("sources, pages and messages use plain words: none of the list in words.ts", () => {
  expect(list(files.flatMap(unwanted))).toEqual([]);
});

test("every exception for a real question is used", () => {
  const texts = files.flatMap(openings).map(({ text }) => text);
  expect(questions.filter((question) => !texts.some((text) => text.startsWith(question)))).toEqual([]);
});

test("the count of relative clauses sees doc comments of declarations, members and parameters, and no other comments", () => {
  const text = [
    "/** What it does. */",
    "export function run(/** Where it runs. */ place: string): void {",
    "  // What is not a doc comment does not count.",
    '  const text = "/** Of a string, nothing. */";',
    "}",
    "interface Options {",
    "  /**",
    "   * How long it",
    "   * may take.",
    "   */",
    "  limit: number;",
    "  /** Whether it is repeated. */",
    "  repeat: boolean;",
    "}",
  ].join("\n");
  expect(list(clauses({ path: "some/file.ts", text }))).toEqual([
    "some/file.ts:1  What it does.",
    "some/file.ts:2  Where it runs.",
    "some/file.ts:7  How long it may take.",
  ]);
  expect(list(clauses({ path: "some/file.py", text: 'def run():\n    """What it does."""' }))).toEqual([
    'some/file.py:2  What it does."""',
  ]);
});

test("the search for words sees code, comments and strings, also across the end of a line", () => {
  const text = ["const nobody = 1;", "// It is", "// none of them.", '"There is no file."; "It is no file."'].join(
    "\n",
  );
  const places = unwanted({ path: "some/file.ts", text }).map(({ at }) => at);
  expect(places).toEqual(["some/file.ts:1", "some/file.ts:2", "some/file.ts:4"]);
});
