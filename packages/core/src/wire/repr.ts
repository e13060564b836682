const named: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/**
 * A text that Python's `repr` has quoted, as it was: `'it\'s'` → `it's`. Before 5.2 the texts of errors come so
 * (PROTOCOL.md, 3.9). What is not quoted stays as it is.
 */
export function unquote(text: string): string {
  const quote = text[0];
  if (text.length < 2 || (quote !== "'" && quote !== '"') || !text.endsWith(quote)) return text;
  const escape = /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([\s\S]))/g;
  return text.slice(1, -1).replaceAll(escape, (_, x?: string, u?: string, long?: string, one?: string) => {
    const code = x ?? u ?? long;
    if (code === undefined) return named[one ?? ""] ?? one ?? "";
    const point = Number.parseInt(code, 16);
    return point <= 0x10_ff_ff ? String.fromCodePoint(point) : "\uFFFD";
  });
}
