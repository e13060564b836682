/**
 * What the server of the bench sends, and what samples check that they got: one place, so that the two agree.
 * All text is ASCII: a character is a byte.
 */

/** The n-th output of `/steps`. */
export function step(index: number): string {
  return `step ${index}, of a story that is long enough`;
}

/** What each output of `/grow` adds: ten characters. */
export function addition(index: number): string {
  return `${String(index).padStart(8, "0")}. `;
}

/** A row of the table that `/table` edits. */
export interface Row {
  id: number;
  name: string;
  score: number;
  tags: string[];
}

/** The value that `/table` gives first. */
export interface Table {
  groups: { name: string; rows: Row[] }[];
}

const GROUPS = 100;
const ROWS = 100;

/** About 1 MB of JSON. */
export function table(): Table {
  return {
    groups: Array.from({ length: GROUPS }, (_, group) => ({
      name: `group ${group}`,
      rows: Array.from({ length: ROWS }, (__, row) => ({
        id: group * ROWS + row,
        name: `row ${row} of group ${group}, which has a name`,
        score: row,
        tags: ["one", "two", "three"],
      })),
    })),
  };
}

/** The cell that the n-th edit of `/table` sets, and to what. */
export function edit(index: number): { group: number; row: number; score: number } {
  return { group: (index * 7) % GROUPS, row: (index * 13) % ROWS, score: 1_000 + index };
}

/** A value of about so many megabytes, as `/large` gives it. */
export function large(megabytes: number): unknown[] {
  const row = (index: number): unknown[] => [
    index,
    `cell ${index} with some text in it`,
    index / 7,
    true,
    null,
    { k: index },
  ];
  const bytes = JSON.stringify(row(10_000)).length + 1;
  return Array.from({ length: Math.round((megabytes * 1_000_000) / bytes) }, (_, index) => row(index));
}

/** The bytes of the file that `/give` gives, again and again, and that samples send to `/take`. */
export const block: Buffer = Buffer.from(
  Array.from({ length: 65_536 }, (_, index) => (index * 31 + (index >> 8)) % 251),
);
