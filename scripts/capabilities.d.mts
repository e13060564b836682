/** Where the outcome of the last whole run is kept, within the repository. */
export const kept: string;

/** Version → capability → in a word. */
export type Capabilities = Record<string, Record<string, string>>;

/** The README with its table as the kept outcome says. */
export function withTable(readme: string, capabilities: Capabilities): string;
