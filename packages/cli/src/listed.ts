/** Maximum number of names that an error lists. */
const MAX_LISTED = 10;
/** Maximum number of characters of a listed name. */
const MAX_SHOWN = 200;

/**
 * Returns names as an error lists them: at most 10, as in `a, b and 3 more`, each with at most 200 characters. Returns `none` for an
 * empty list.
 */
export function listed(names: readonly string[]): string {
  const rest = names.length - MAX_LISTED;
  const short = (name: string): string => (name.length > MAX_SHOWN ? `${name.slice(0, MAX_SHOWN)}…` : name);
  const shown = names.slice(0, MAX_LISTED).map(short).join(", ");
  return rest > 0 ? `${shown} and ${rest} more` : shown || "none";
}
