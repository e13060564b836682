/** Outcomes by environment and feature. */
type Outcomes = Readonly<Record<string, Readonly<Record<string, string>>>>;

export const tablePage: string;
export const kept: string;
export function noteEnvironment(root: string, name: string, outcome: Readonly<Record<string, string>>): void;
export function withTable(readme: string, outcomes: Outcomes): string;
