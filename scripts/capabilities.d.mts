/** Path of the outcome of the last complete run, within the repository. */
export const tablePage: string;
export const kept: string;

/** Outcome by version and capability. */
export type Capabilities = Record<string, Record<string, string>>;

/** Returns the README with the table of the stored outcome. */
export function withTable(readme: string, capabilities: Capabilities): string;
