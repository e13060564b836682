/** Text of the app in a comment, on one line: it cannot end the comment. */
export function comment(text: string): string {
  return `/** ${oneLine(text).replaceAll("*/", String.raw`*\/`)} */`;
}

/** A text without line ends and control characters. */
export function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- the control characters are what is removed
  return text.replaceAll(/[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/gu, " ").trim();
}

// DEL, C1 and the line separators: JSON leaves them as they are.
// oxlint-disable-next-line no-control-regex -- the control characters are what is escaped
const UNESCAPED = /[\u007f-\u009f\u2028\u2029]/g;

/** A literal. Control characters are escaped: the module may be printed on a terminal. */
export function literal(value: string | number | boolean | null): string {
  if (typeof value === "number" && !Number.isFinite(value)) return "number";
  return JSON.stringify(value).replaceAll(
    UNESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** Whether a text is an identifier as it is. */
export function isIdentifier(text: string): boolean {
  return IDENTIFIER.test(text);
}

/** Name of a property: in quotes where it is not an identifier. */
export function propertyName(name: string): string {
  return isIdentifier(name) ? name : literal(name);
}

/** Words that cannot name an element of a tuple. */
const reserved = new Set(
  (
    "break case catch class const continue debugger default delete do else enum export extends false finally for function if " +
    "import in instanceof new null return super switch this throw true try typeof var void while with asserts infer is keyof " +
    "readonly unique"
  ).split(" "),
);

/** An identifier made of any text. */
export function identifier(text: string, fallback: string): string {
  const words = text.match(/[\p{ID_Continue}$]+/gu) ?? [];
  const joined = words.map((word, at) => (at === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join("");
  const made = /^[\p{ID_Start}$_]/u.test(joined) ? joined : joined === "" ? fallback : `_${joined}`;
  return reserved.has(made) ? `${made}_` : made.slice(0, 60);
}

/** Gives each name once: a number is added to one that was taken. */
export class Names {
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken);
  }

  unique(wanted: string): string {
    let name = wanted;
    for (let count = 2; this.#taken.has(name); count++) name = `${wanted}_${count}`;
    this.#taken.add(name);
    return name;
  }
}
