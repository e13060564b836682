/** ` Did you mean "token"?`, or nothing where no known name is near: more than half of the letters would have to change. */
export function didYouMean(name: string, known: Iterable<string>): string {
  let near: string | undefined;
  let least = Infinity;
  for (const candidate of known) {
    const steps = distance(name.toLowerCase(), candidate.toLowerCase());
    if (steps < least && steps <= Math.max(name.length, candidate.length) / 2) [near, least] = [candidate, steps];
  }
  return near === undefined ? "" : ` Did you mean ${JSON.stringify(near)}?`;
}

/** Levenshtein's distance: the fewest letters to insert, remove or replace. */
function distance(a: string, b: string): number {
  // Names are short; somebody's whole text in place of a name must not cost its square.
  if (a.length > 100 || b.length > 100) return Infinity;
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replace = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replace, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
