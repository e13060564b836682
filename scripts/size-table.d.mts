/** Name of an entry, and its sizes in kilobytes: loaded at first, and in all. */
export type Row = readonly [name: string, first: string, all: string];

/** Returns a page with a new table. Throws Error if it has no place for one. */
export function replaceTable(page: string, rows: readonly Row[]): string;

/** Returns the rows of the table in a page. */
export function tableIn(page: string): Row[];

/** Returns a sentence for each row that is missing, or whose sizes differ too much. */
export function differences(printed: readonly Row[], measured: readonly Row[]): string[];
