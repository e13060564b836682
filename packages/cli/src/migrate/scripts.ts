/** A file of components, with its scripts alone. */
export interface Scripts {
  /** Text of the same length, in which everything but the scripts is blank: positions are those of the file. */
  code: string;
  /** Text of the same length, in which the scripts, the styles and the comments are blank. */
  markup: string;
  /** Whether a script is written in TypeScript. */
  typed: boolean;
  /** Whether a script contains JSX. */
  jsx: boolean;
}

const blank = (text: string): string => text.replaceAll(/[^\r\n]/g, " ");

/** Matches a comment, a script or a style; in the first group the opening tag, in the second its contents. */
const part = /<!--[\s\S]*?-->|(<(?:script|style)\b(?:"[^"]*"|'[^']*'|[^>"'])*>)([\s\S]*?)<\/(?:script|style)\s*>/gi;

/** Separates the scripts of a Vue or Svelte file from its markup. The scripts of one file share their scope. */
export function separateScripts(text: string): Scripts {
  let code = "";
  let markup = "";
  let at = 0;
  let typed = false;
  let jsx = false;
  for (const match of text.matchAll(part)) {
    const [whole, opening = "", contents = ""] = match;
    const isScript = /^<script/i.test(opening) && !/\bsrc\s*=/.test(opening);
    const before = text.slice(at, match.index);
    const end = whole.length - opening.length - contents.length;
    code += blank(before) + blank(opening) + (isScript ? contents : blank(contents)) + " ".repeat(end);
    markup += before + blank(whole);
    at = match.index + whole.length;
    if (!isScript) continue;
    const language = /\blang\s*=\s*["']?(\w+)/.exec(opening)?.[1] ?? "js";
    typed ||= language.startsWith("ts");
    jsx ||= language.endsWith("x");
  }
  return { code: code + blank(text.slice(at)), markup: markup + text.slice(at), typed, jsx };
}
