import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PlayedSession, printed, rows } from "./session-table.ts";
import { root } from "./sources.ts";

test.each(rows.map((row) => [`${row.stream}, ${row.input}: ${row.because}`, row] as const))("%s", (_title, row) => {
  const session = new PlayedSession();
  row.play(session);
  expect(session.before).toBe(row.stream);
  expect(session.effects).toEqual(row.effects);
  expect(session.state.stream.kind).toBe(row.next);
});

test("ARCHITECTURE.md prints the table of a session's stream as it is", () => {
  const lines = readFileSync(join(root, "ARCHITECTURE.md"), "utf8").split("\n");
  const cells = lines.filter((line) => line.startsWith("| ")).map((line) => line.split("|").map((cell) => cell.trim()));
  const text = cells.map((line) => line.slice(1, -1).join(" | "));
  expect(text).toEqual(expect.arrayContaining(printed()));
});
