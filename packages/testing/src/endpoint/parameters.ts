/** A parameter in the source text of a function. */
export interface Parameter {
  /** `undefined` for a destructuring pattern. */
  name: string | undefined;
  /** Names in a pattern such as `{ progress, signal }`; else empty. */
  keys: readonly string[];
  /** Default value, if it is a literal. */
  value?: unknown;
}

/**
 * Reads the parameters of a function from its source text.
 *
 * @returns `undefined` if the text cannot be read, for example for a native function or for rest parameters.
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

/** Returns the index of the bracket that closes the one at `start`. */
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
  if (text === "!0") return true; // minified `true`
  if (text === "!1") return false;
  try {
    return JSON.parse(text.replace(/^(-?)\./, "$10.")) as unknown; // JSON does not allow .5
  } catch {
    return undefined;
  }
}
