/** A changeset, as `changeset status --output` lists it. */
export interface Changeset {
  summary: string;
  releases: readonly { name: string; type: string }[];
}

/** Adds the section of a version to a changelog, above that of the version before it. */
export function addRelease(changelog: string, version: string, date: string, changesets: readonly Changeset[]): string;
