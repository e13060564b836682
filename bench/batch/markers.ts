/**
 * Replaces a part of a page that is generated. It stands between two comments, `<!-- name -->` and `<!-- /name -->`.
 *
 * @throws Error for a page without the comments.
 */
export function between(page: string, name: string, part: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [first, last] = [page.indexOf(start), page.indexOf(end)];
  if (first < 0 || last < first) throw new Error(`The page has no part ${start} … ${end}.`);
  return `${page.slice(0, first + start.length)}\n\n${part}\n\n${page.slice(last)}`;
}
