/** A parameter as the function's own text shows it. */
export interface Parameter {
  /** `undefined` where it has none, being a pattern. */
  name: string | undefined;
  /** The names in it, where it is a pattern such as `{ progress, signal }`. */
  keys: readonly string[];
  /** The default, where it is a literal; `undefined` = none that could be read. */
  value?: unknown;
}

/**
 * Reads the parameters of a function from its source text.
 *
 * @returns `undefined` where the text is beyond this reader, as that of a native function or of one with rest parameters.
 */
export function readParameters(fn: (...args: never[]) => unknown): Parameter[] | undefined {
  const list = parameterList(String(fn));
  if (list === undefined) return undefined;
  const parts = splitTopLevel(list).map((part) => part.trim());
  return parts.some((part) => part.startsWith("...")) ? undefined : parts.map(readParameter);
}

function readParameter(text: string): Parameter {
  const match = /^([A-Za-z_$][\w$]*)\s*(?:=([^]*))?$/.exec(text);
  if (match === null) {
    const keys = text.startsWith("{") ? splitTopLevel(text.slice(1, closing(text, 0))) : [];
    return { name: undefined, keys: keys.map((key) => /^\s*([\w$]*)/.exec(key)?.[1] ?? "") };
  }
  const value = match[2] === undefined ? undefined : readLiteral(match[2].trim());
  return { name: match[1], keys: [], ...(value === undefined ? {} : { value }) };
}

function parameterList(text: string): string | undefined {
  const single = /^(?:async\s+)?([A-Za-z_$][\w$]*)\s*=>/.exec(text);
  if (single !== null) return single[1];
  const open = text.indexOf("(");
  const end = open < 0 ? -1 : closing(text, open);
  if (end < 0 || text.includes("[native code]")) return undefined;
  return text.slice(open + 1, end).replaceAll(/\/\*[^]*?\*\/|\/\/[^\n]*/g, "");
}

/** The index of the bracket that closes the one at `start`. */
function closing(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (`"'\``.includes(char)) at = endOfString(text, at);
    else if ("([{".includes(char)) depth += 1;
    else if (")]}".includes(char) && --depth === 0) return at;
  }
  return -1;
}

function endOfString(text: string, start: number): number {
  const quote = text.charAt(start);
  let at = start + 1;
  while (at < text.length && text.charAt(at) !== quote) at += text.charAt(at) === "\\" ? 2 : 1;
  return at;
}

function splitTopLevel(list: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < list.length; at += 1) {
    const char = list.charAt(at);
    if (`"'\``.includes(char)) at = endOfString(list, at);
    else if ("([{".includes(char)) at = Math.max(at, closing(list, at));
    else if (char === ",") {
      parts.push(list.slice(from, at));
      from = at + 1;
    }
  }
  const last = list.slice(from);
  return last.trim() === "" ? parts : [...parts, last];
}

function readLiteral(text: string): unknown {
  const quoted = /^(["'`])([^\\$]*)\1$/.exec(text);
  if (quoted !== null) return quoted[2];
  if (text === "!0") return true; // what a minifier makes of true
  if (text === "!1") return false;
  try {
    return JSON.parse(text.replace(/^(-?)\./, "$10.")) as unknown; // .5 is no JSON
  } catch {
    return undefined;
  }
}
