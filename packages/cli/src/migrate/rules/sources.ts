import type { Node } from "oxc-parser";
import type { Context } from "../context.ts";
import { OLD } from "../kinds.ts";
import { parentOf, textOf } from "../tree.ts";

const SUBPATH = "A file of the package is imported, and gradio-rx has no file of that name: import the package itself.";
const ADDRESS = "The package is loaded from a server: load the one-file build of @gradio-rx/web instead.";
const MENTION =
  "The package is named in a text: check whether it must name gradio-rx now, as in a mock or in a configuration.";
const ALL = "All names of the package are exported again: check the modules that import them from here.";

/** Replaces the name of the package in `require`, `import()` and types, and reports other texts that contain it. */
export function changeSources(context: Context): void {
  for (const node of context.inference.nodes) {
    if (node.type !== "Literal" && node.type !== "TemplateLiteral") continue;
    const text = textOf(node);
    if (text?.includes(OLD)) changeText(node, text, context);
  }
}

function changeText(node: Node, text: string, { change, target, inference }: Context): void {
  const outer = parentOf(node);
  const isRequire =
    outer?.type === "CallExpression" &&
    outer.callee.type === "Identifier" &&
    outer.callee.name === "require" &&
    !inference.bindings.of(outer.callee);
  const isSource =
    isRequire ||
    (outer !== null && ["ImportExpression", "TSImportType", "TSExternalModuleReference"].includes(outer.type));
  const isDeclaration =
    outer !== null && ["ImportDeclaration", "ExportNamedDeclaration", "ExportAllDeclaration"].includes(outer.type);
  if (text === OLD && isSource) replaceSource(node, target, change);
  else if (text === OLD && outer?.type === "ExportAllDeclaration") {
    replaceSource(node, target, change);
    change.report(outer, ALL);
  } else if (text !== OLD || !isDeclaration) {
    const isPath = text.startsWith(`${OLD}/`) && (isSource || isDeclaration);
    change.report(node, isPath ? SUBPATH : /^https?:/.test(text) ? ADDRESS : MENTION);
  }
}

/** Replaces a text in quotes, and keeps the quotes. */
export function replaceSource(node: { start: number; end: number }, to: string, change: Context["change"]): void {
  change.replace({ start: node.start + 1, end: node.end - 1 }, to);
}
