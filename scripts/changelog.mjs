// Sections of CHANGELOG.md, which follow Keep a Changelog.

/** Headings of a section, each with the kinds of changesets under it. */
const headings = [
  ["Breaking changes", "major"],
  ["Added and changed", "minor"],
  ["Fixed", "patch"],
];

/**
 * Adds the section of a version to a changelog, above that of the version before it.
 *
 * @param changelog - text of CHANGELOG.md.
 * @param version - version, such as `0.2.0`.
 * @param date - date of the release, as `2026-01-31`.
 * @param changesets - changesets that `changeset status --output` lists.
 * @returns the new text.
 */
export function addRelease(changelog, version, date, changesets) {
  const parts = headings.flatMap(([heading, type]) => {
    const items = changesets.filter((changeset) => kindOf(changeset) === type).map(item);
    return items.length === 0 ? [] : [`### ${heading}\n\n${items.join("\n")}`];
  });
  const section = [`## ${version} (${date})`, ...parts].join("\n\n");
  const start = changelog.search(/^## /m);
  if (start < 0) return `${changelog.trimEnd()}\n\n${section}\n`;
  return `${changelog.slice(0, start)}${section}\n\n${changelog.slice(start)}`;
}

/** Returns the largest kind among the releases of a changeset. */
function kindOf({ releases }) {
  return headings.map(([, type]) => type).find((type) => releases.some((release) => release.type === type));
}

/** Returns the line of a changeset: its packages, without their scope, and its text. */
function item({ releases, summary }) {
  const names = releases.map(({ name }) => `\`${name.replace("@gradio-rx/", "")}\``).toSorted();
  return `- ${names.join(", ")}: ${summary.trim().replaceAll("\n", "\n  ")}`;
}
