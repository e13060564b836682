import leven from "leven";

/** Longest name that is compared, in characters: the comparison takes time that grows with the square of the length. */
const MAX_LENGTH = 100;

/**
 * Returns ` Did you mean "token"?`, or `""` where no known name is close: where more than half of the characters would have
 * to change. Upper and lower case count as equal.
 */
export function didYouMean(name: string, known: Iterable<string>): string {
  if (name.length > MAX_LENGTH) return "";
  let closest: string | undefined;
  let least = Infinity;
  for (const candidate of known) {
    if (candidate.length > MAX_LENGTH) continue;
    const distance = leven(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least && distance <= Math.max(name.length, candidate.length) / 2)
      [closest, least] = [candidate, distance];
  }
  return closest === undefined ? "" : ` Did you mean ${JSON.stringify(closest)}?`;
}
