/** Values that the server of the bench sends and that samples check. All text is ASCII: one byte per character. */

/** Returns the n-th output of `/steps`. */
export function step(index: number): string {
  return `step ${index}, of a story that is long enough`;
}

/** Text of ten characters that each output of `/grow` adds. */
export function addition(index: number): string {
  return `${String(index).padStart(8, "0")}. `;
}

/** A message of the chat history that `/chat` outputs. */
export interface Message {
  role: "user" | "assistant";
  content: string;
}

/** First value of `/chat`: a history with a number of messages. The last one is the answer that grows. */
export function history(messages: number): Message[] {
  return Array.from({ length: messages }, (_, index) => ({
    role: (messages - index) % 2 === 0 ? "user" : "assistant",
    content: index === messages - 1 ? "" : `message ${index}, which says something about the one before`,
  }));
}

/** A row of the table that `/table` edits. */
export interface Row {
  id: number;
  name: string;
  score: number;
  tags: string[];
}

/** First value of `/table`. */
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

/** Returns the cell that the n-th edit of `/table` sets, and its value. */
export function edit(index: number): { group: number; row: number; score: number } {
  return { group: (index * 7) % GROUPS, row: (index * 13) % ROWS, score: 1_000 + index };
}

/** Returns a value with a size in megabytes, for `/large`. */
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

/** Bytes that the file of `/give` and the uploads to `/take` repeat. */
export const block: Buffer = Buffer.from(
  Array.from({ length: 65_536 }, (_, index) => (index * 31 + (index >> 8)) % 251),
);
