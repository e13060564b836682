/** Compares two folders of reports. Returns a patch for each file that differs or exists in one of them alone. */
export function compareReports(before: string, after: string): string[];

/** Returns the message of a check that found differences. */
export function explain(patches: readonly string[]): string;
