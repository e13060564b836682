import type { Variable } from "@typescript-eslint/scope-manager";
import type { Node } from "oxc-parser";
import { usesOf } from "../bindings.ts";
import type { Context } from "../context.ts";
import { OLD } from "../kinds.ts";
import { isFunction, nameOf, type NodeOf, parentOf } from "../tree.ts";
import { replaceSource } from "./sources.ts";

/** Exports of the old package, with the names of their counterparts. */
const counterparts: Readonly<Record<string, string>> = {
  Client: "Client",
  client: "Client",
  duplicate: "Client",
  handle_file: "handleFile",
  FileData: "FileData",
  SpaceStatus: "SpaceStatus",
  Status: "StatusUpdate",
  StatusMessage: "StatusEvent",
  LogMessage: "LogEvent",
};

/** Functions that are static methods of the class in gradio-rx. */
const methods: Readonly<Record<string, string>> = { client: "connect", duplicate: "duplicate" };

/** A name that is taken from the old package. */
interface Taken {
  /** Specifier of an import, or property of a pattern. */
  node: NodeOf<"ImportSpecifier" | "Property">;
  /** Name of the export. */
  name: string;
  /** Name of the variable. */
  local: string;
  variable: Variable | undefined;
}

const noCounterpart = (name: string): string =>
  `\`${name}\` has no counterpart: it is still imported from ${OLD}. @gradio-rx/compat exports it, too.`;

/** Changes the names that a program imports. */
export function changeNames(context: Context): void {
  const { inference, change } = context;
  for (const node of inference.nodes) {
    if (node.type === "ImportDeclaration" && node.source.value === OLD) changeImport(node, context);
    if (node.type === "ExportNamedDeclaration" && node.source?.value === OLD) changeExport(node, context);
    if (
      node.type === "VariableDeclarator" &&
      node.id.type === "ObjectPattern" &&
      inference.kindOf(node.init)?.is === "module"
    )
      changeModulePattern(node.id, context);
    if (isFunction(node))
      for (const one of node.params)
        if (one.type === "ObjectPattern" && inference.patternKind(one)?.is === "module")
          changeModulePattern(one, context);
    if (
      node.type === "AssignmentExpression" &&
      node.left.type === "ObjectPattern" &&
      inference.kindOf(node.right)?.is === "module"
    )
      reportAssignment(node.left, context);
    if (node.type === "MemberExpression" && inference.kindOf(node.object)?.is === "module") {
      const name = nameOf(node);
      const to = name === undefined ? undefined : counterpartOf(name);
      if (to === undefined)
        change.report(
          node,
          `\`${name ?? "A computed name"}\` has no counterpart in gradio-rx; @gradio-rx/compat exports it.`,
        );
      else if (to !== name) change.replace(node.property, to);
    }
    if (
      node.type === "TSQualifiedName" &&
      node.left.type === "Identifier" &&
      inference.kindOf(node.left)?.is === "module"
    )
      if (Object.hasOwn(counterparts, node.right.name)) change.replace(node.right, counterparts[node.right.name]!);
    if (node.type === "TSImportType" && node.source.value === OLD && node.qualifier?.type === "Identifier")
      if (Object.hasOwn(counterparts, node.qualifier.name))
        change.replace(node.qualifier, counterparts[node.qualifier.name]!);
  }
}

function counterpartOf(name: string): string | undefined {
  const to = Object.hasOwn(counterparts, name) && name !== "FileData" ? counterparts[name] : undefined;
  return to === undefined || !Object.hasOwn(methods, name) ? to : `${to}.${methods[name]}`;
}

function changeImport(node: NodeOf<"ImportDeclaration">, context: Context): void {
  const { change, target, inference } = context;
  const specifiers = node.specifiers.filter((one) => one.type === "ImportSpecifier");
  if (node.specifiers.some(({ type }) => type === "ImportDefaultSpecifier"))
    change.report(node, `${OLD} has no default export, and gradio-rx has none: import { Client }.`);
  const taken = specifiers.map((one): Taken => {
    const name = one.imported.type === "Identifier" ? one.imported.name : one.imported.value;
    return { node: one, name, local: one.local.name, variable: inference.bindings.of(one.local) };
  });
  const kept = taken.filter((one) => !hasCounterpart(one));
  for (const one of kept) change.report(one.node, noCounterpart(one.name));
  if (kept.length > 0 && kept.length === node.specifiers.length) return;
  replaceSource(node.source, target, change);
  const removed = changeTaken(taken.filter(hasCounterpart), " as ", context);
  for (const one of kept) removed.add(one.node);
  change.removeItems(specifiers, removed);
  if (kept.length === 0) return;
  const names = kept.map((one) => change.textOf(one.node)).join(", ");
  const keyword = node.importKind === "type" ? "import type" : "import";
  const end = change.textOf(node).endsWith(";") ? ";" : "";
  change.after(node, `${change.lineEnd}${keyword} { ${names} } from ${change.textOf(node.source)}${end}`);
}

/** Whether a name has a counterpart. The class `FileData` has one as a type alone. */
function hasCounterpart({ name, variable }: Taken): boolean {
  if (!Object.hasOwn(counterparts, name)) return false;
  return name !== "FileData" || variable === undefined || variable.references.every((one) => one.isTypeReference);
}

/** Changes the names of one import or pattern, and returns what to remove of it. */
function changeTaken(taken: readonly Taken[], alias: string, context: Context): Set<Node> {
  const { change } = context;
  const removed = new Set<Node>();
  const owner = taken.find(({ name, node }) => name === "Client" && !isTypeOnly(node));
  let local = owner?.local;
  for (const one of taken) {
    if (!Object.hasOwn(methods, one.name)) {
      if (one.name !== "Client") renameTaken(one, alias, context);
      continue;
    }
    if (local === undefined) {
      local = context.inference.bindings.isTaken("Client") ? "GradioClient" : "Client";
      change.replace(one.node, local === "Client" ? "Client" : `Client${alias}${local}`);
    } else removed.add(one.node);
    for (const use of one.variable ? usesOf(one.variable) : [])
      replaceUse(use, `${local}.${methods[one.name]!}`, context);
  }
  return removed;
}

function isTypeOnly(node: Taken["node"]): boolean {
  const declaration = parentOf(node);
  if (node.type !== "ImportSpecifier") return false;
  return node.importKind === "type" || (declaration?.type === "ImportDeclaration" && declaration.importKind === "type");
}

/** Gives an import the new name, and the variable too, where the name is free. */
function renameTaken({ node, name, local, variable }: Taken, alias: string, context: Context): void {
  const { change, inference } = context;
  const to = counterparts[name]!;
  const isFree = local === name && !inference.bindings.isTaken(to);
  for (const use of variable ? usesOf(variable) : [])
    if (name === "handle_file") passOneFile(use, isFree ? to : local, context);
  const key = node.type === "ImportSpecifier" ? node.imported : node.key;
  if (to === name) return;
  if (local !== name) change.replace(key, to);
  else if (!isFree) change.replace(key, `${to}${alias}${local}`);
  else {
    // The key and the variable of a short form are at the same place.
    change.replace(key, to);
    for (const use of variable ? usesOf(variable) : [])
      if (name !== "handle_file" || !isArgument(use)) replaceUse(use, to, context);
  }
}

/** Whether a function is passed to another one. */
function isArgument(use: Node): boolean {
  const outer = parentOf(use);
  return outer?.type === "CallExpression" && outer.callee !== use;
}

/** Wraps a function that is passed to another one, since `handleFile` has a second parameter: `paths.map(handle_file)`. */
function passOneFile(use: Node, name: string, { change }: Context): void {
  if (isArgument(use)) change.replace(use, `(file) => ${name}(file)`);
}

function replaceUse(use: Node, text: string, { change }: Context): void {
  const outer = parentOf(use);
  if (outer?.type === "ExportSpecifier") {
    if (text.includes("."))
      change.report(outer, `${change.textOf(outer.local)} is exported: export \`Client\` in its place.`);
    else change.replace(outer, `${text} as ${change.textOf(outer.exported)}`);
    return;
  }
  if (outer?.type === "Property" && outer.shorthand) change.before(use, `${change.textOf(use)}: `);
  change.replace(use, text);
}

/** Changes `const { client, handle_file } = require("@gradio/client")`. */
function changeModulePattern(pattern: NodeOf<"ObjectPattern">, context: Context): void {
  const { change, inference } = context;
  const taken: Taken[] = [];
  for (const node of pattern.properties) {
    const name = node.type === "Property" ? nameOf(node) : undefined;
    if (node.type !== "Property" || name === undefined || node.value.type !== "Identifier")
      change.report(node, "This pattern is not migrated: write the names that the program takes from the package.");
    else if (!Object.hasOwn(counterparts, name) || name === "FileData")
      change.report(node, `\`${name}\` has no counterpart in gradio-rx; @gradio-rx/compat exports it.`);
    else taken.push({ node, name, local: node.value.name, variable: inference.bindings.of(node.value) });
  }
  change.removeItems(pattern.properties, changeTaken(taken, ": ", context));
}

/** Reports a pattern that assigns names of the package to variables which exist already. */
function reportAssignment(pattern: NodeOf<"ObjectPattern">, { change }: Context): void {
  if (pattern.properties.some((one) => one.type !== "Property" || nameOf(one) !== "Client"))
    change.report(
      pattern,
      "Names of the package are assigned to variables: assign `Client` and `handleFile`, and change their uses by hand.",
    );
}

/** Changes `export { Client, handle_file } from "@gradio/client"`: the module keeps the names that it exports. */
function changeExport(node: NodeOf<"ExportNamedDeclaration">, { change, target }: Context): void {
  const kept = node.specifiers.filter((one) => {
    const name = change.textOf(one.local);
    const isType = node.exportKind === "type" || one.exportKind === "type";
    return !Object.hasOwn(counterparts, name) || Object.hasOwn(methods, name) || (name === "FileData" && !isType);
  });
  for (const one of kept)
    change.report(
      one,
      `\`${change.textOf(one.local)}\` has no counterpart of the same shape: it is still exported from ${OLD}.`,
    );
  if (kept.length === node.specifiers.length) return;
  replaceSource(node.source!, target, change);
  for (const one of node.specifiers) {
    const to = counterparts[change.textOf(one.local)];
    if (!kept.includes(one) && to !== change.textOf(one.local))
      change.replace(one, `${to} as ${change.textOf(one.exported)}`);
  }
  change.removeItems(node.specifiers, new Set(kept));
  if (kept.length === 0) return;
  const names = kept.map((one) => change.textOf(one)).join(", ");
  const keyword = node.exportKind === "type" ? "export type" : "export";
  change.after(node, `${change.lineEnd}${keyword} { ${names} } from ${change.textOf(node.source!)};`);
}
