/** An unpacked package: its package.json, and the folder of its contents. */
export interface Unpacked {
  manifest: Readonly<Record<string, unknown>>;
  contents: string;
}

/** Returns a sentence for each problem of unpacked packages. */
export function problemsOf(unpacked: readonly Unpacked[], changelog: string): string[];
