import { extname } from "node:path";
import { analyze, type ScopeManager } from "@typescript-eslint/scope-manager";
import { type Node, type ParseResult, type ParserOptions, parseSync, type Program } from "oxc-parser";
import { separateScripts } from "./scripts.ts";
import { linkNodes } from "./tree.ts";

/** A file that was read as a program. */
export interface Source {
  path: string;
  /** The whole text of the file. */
  text: string;
  /** Markup of a Vue or Svelte file; `""` for any other. */
  markup: string;
  /** Whether the code is written in TypeScript. */
  typed: boolean;
  /** Whether `await` is allowed outside of functions. */
  isModule: boolean;
  program: Program;
  comments: readonly { readonly type: "Line" | "Block"; readonly start: number; readonly end: number }[];
  /** All nodes of the program, each before its children. */
  nodes: readonly Node[];
  scopes: ScopeManager;
}

/** A syntax error. */
export interface SyntaxFault {
  line: number;
  message: string;
}

const languages: Readonly<Record<string, "js" | "jsx" | "ts" | "tsx">> = {
  ".js": "jsx",
  ".mjs": "jsx",
  ".cjs": "jsx",
  ".jsx": "jsx",
  ".ts": "ts",
  ".mts": "ts",
  ".cts": "ts",
  ".tsx": "tsx",
};

/** Endings of the files that are read as programs. */
export const endings: readonly string[] = [...Object.keys(languages), ".vue", ".svelte"];

/** Returns the number of the line at a position, from 1. */
export function lineAt(text: string, position: number): number {
  return text.slice(0, position).split("\n").length;
}

/** Reads a file as a program: of a Vue or Svelte file its scripts, as one program. */
export function parseSource(path: string, text: string): Source | SyntaxFault {
  const ending = extname(path).toLowerCase();
  const isComponent = ending === ".vue" || ending === ".svelte";
  const scripts = isComponent ? separateScripts(text) : { code: text, markup: "", typed: false, jsx: false };
  const lang = /\.d\.[cm]?ts$/.test(path) ? "dts" : (languages[ending] ?? languageOf(scripts));
  // With a blank in place of the byte order mark, positions are those of the text.
  const code = scripts.code.replace(/^\uFEFF/, " ");
  const isCommon = ending === ".cjs" || ending === ".cts";
  const parsed = parseAs(path, code, lang, isCommon);
  // A file that ends in .js may be a CommonJS module, which allows more.
  const read = !isCommon && errorOf(parsed) ? parseAs(path, code, lang, true) : parsed;
  const error = errorOf(read) && errorOf(parsed);
  if (error) return { line: lineAt(text, error.labels[0]?.start ?? 0), message: error.message };
  const { program, comments } = read;
  // The scope manager reads the trees of another parser, which have the same shape.
  const scopes = analyze(program as never, {
    sourceType: read === parsed && !isCommon ? "module" : "commonjs",
    globalReturn: read !== parsed || isCommon,
    jsxPragma: null,
    lib: [],
  });
  const nodes = linkNodes(program);
  const hasModuleSyntax = program.body.some(({ type }) => type.startsWith("Import") || type.startsWith("Export"));
  const isModule = read === parsed && !isCommon && !isComponent && hasModuleSyntax;
  const typed = lang !== "js" && lang !== "jsx";
  return { path, text, markup: scripts.markup, typed, isModule, program, comments, nodes, scopes };
}

function languageOf({ typed, jsx }: { typed: boolean; jsx: boolean }): "jsx" | "ts" | "tsx" {
  if (!typed) return "jsx";
  return jsx ? "tsx" : "ts";
}

function parseAs(path: string, code: string, lang: NonNullable<ParserOptions["lang"]>, isCommon: boolean): ParseResult {
  const sourceType = isCommon ? "commonjs" : "module";
  return parseSync(path, code, { lang, sourceType, astType: "ts", range: true, preserveParens: false });
}

function errorOf({ errors }: ParseResult): ParseResult["errors"][number] | undefined {
  return errors[0];
}
