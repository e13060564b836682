import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, relative } from "node:path";
import ts from "@typescript/typescript6";
import { root } from "./sources.ts";

/** One file of the repository. */
export interface TextFile {
  /** Path from the repository's folder, with forward slashes. */
  path: string;
  text: string;
}

const skipped = new Set([
  "node_modules",
  "dist",
  ".build",
  ".tools",
  ".cache",
  ".next",
  ".git",
  "results",
  "corpus",
  "coverage",
]);
const generated = new Set(["FAULTS.md", "CHANGELOG.md", "pnpm-lock.yaml", "next-env.d.ts"]);
const read = /\.([cm]?[jt]sx?|md|py|sh|html|vue)$/;

/** Sources and pages at or below each path, without generated ones. A path is relative to the repository's folder. */
export function filesOf(paths: readonly string[]): TextFile[] {
  return paths.flatMap((path) => walk(join(root, path))).toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function walk(path: string): TextFile[] {
  if (skipped.has(basename(path)) || generated.has(basename(path))) return [];
  if (statSync(path).isDirectory()) return readdirSync(path).flatMap((name) => walk(join(path, name)));
  if (!read.test(path)) return [];
  return [{ path: relative(root, path).replaceAll("\\", "/"), text: readFileSync(path, "utf8") }];
}

/** Syntax tree of a source file. */
export function parse({ path, text }: TextFile): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

/** Every node of a tree, a parent before its children. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  for (const child of node.getChildren()) yield* nodesOf(child);
}

/** Line of a position, from 1. */
export function lineOf(tree: ts.SourceFile, position: number): number {
  return tree.getLineAndCharacterOfPosition(position).line + 1;
}

/** Number of lines from the first to the last of a node. */
export function linesOf(tree: ts.SourceFile, node: ts.Node): number {
  return lineOf(tree, node.getEnd()) - lineOf(tree, node.getStart()) + 1;
}

/** A doc comment, and the line that it starts on. */
export interface DocComment {
  line: number;
  /** Its text in one line, without asterisks. */
  text: string;
}

/** Doc comments of a TypeScript or JavaScript file, in their order. */
export function docComments(tree: ts.SourceFile): DocComment[] {
  const starts = new Map<number, string>();
  for (const node of nodesOf(tree)) {
    const start = node.getFullStart();
    // TypeScript counts a comment on the line of the token before it as trailing that token.
    const ranges = [
      ...(ts.getTrailingCommentRanges(tree.text, start) ?? []),
      ...(ts.getLeadingCommentRanges(tree.text, start) ?? []),
    ];
    for (const { pos, end } of ranges) {
      const comment = tree.text.slice(pos, end);
      if (comment.startsWith("/**")) starts.set(pos, comment);
    }
  }
  return Array.from(starts, ([position, comment]) => ({
    line: lineOf(tree, position),
    text: comment
      .replaceAll(/^\/\*\*|\*\/$|^[ \t]*\*(?!\/)/gm, "")
      .replaceAll(/\s+/g, " ")
      .trim(),
  }));
}
