import type { Node } from "oxc-parser";
import type { Context } from "../context.ts";
import { nameOf, type NodeOf, parentOf, textOf, unwrap, wrapped } from "../tree.ts";
import { isCaught, isPresenceCheck } from "./guards.ts";

/** Stages that are `pending` in the old package. */
const pending: readonly string[] = ["starting", "uploading", "queued", "processing"];
const list = pending.map((stage) => JSON.stringify(stage)).join(", ");

const STREAMING = "The stage `streaming` has no counterpart: a call whose input is a stream is `generating`.";
const ERROR = "The loop also throws the error of a failed call, after its status: read the loop in a `try` block.";
const LEAVES =
  "The stage is used elsewhere: `pending` is now `starting`, `uploading`, `queued` or `processing`, and a cancelled call is `cancelled`.";

/** Changes comparisons with the stage of a status. */
export function changeStages(context: Context): void {
  for (const node of context.inference.nodes) {
    if (node.type !== "MemberExpression" && node.type !== "Identifier") continue;
    if (context.inference.kindOf(node)?.is !== "stage" || isName(node)) continue;
    changeUse(node, context);
  }
}

/** Whether a node declares or names a variable or a property, and does not read it. */
function isName(node: Node): boolean {
  const outer = parentOf(node);
  if (node.type !== "Identifier") return false;
  if (outer?.type === "Property")
    return outer.key === node && outer.value !== node ? true : parentOf(outer)?.type === "ObjectPattern";
  return outer?.type === "VariableDeclarator" && outer.id === node;
}

function changeUse(node: Node, context: Context): void {
  const { change } = context;
  const use = wrapped(node);
  const outer = parentOf(use);
  if (outer?.type === "BinaryExpression") compare(use, outer, context);
  else if (outer?.type === "SwitchStatement" && outer.discriminant === use) changeCases(outer, context);
  else if (outer?.type === "CallExpression" && isIncludes(outer)) changeList(outer, context);
  else if (!isHarmless(use, outer)) change.report(node, LEAVES);
}

function isHarmless(use: Node, outer: Node | null): boolean {
  if (outer === null || isPresenceCheck(use)) return true;
  if (outer.type === "CallExpression") return calleeText(outer).startsWith("console.");
  if (outer.type === "VariableDeclarator") return outer.id.type === "Identifier";
  return outer.type === "TemplateLiteral" || outer.type === "ExpressionStatement";
}

function calleeText({ callee }: NodeOf<"CallExpression">): string {
  if (callee.type !== "MemberExpression" || callee.object.type !== "Identifier") return "";
  return `${callee.object.name}.${nameOf(callee) ?? ""}`;
}

function compare(use: Node, node: NodeOf<"BinaryExpression">, context: Context): void {
  const { change } = context;
  const other = node.left === use ? node.right : node.left;
  const stage = textOf(other);
  if (stage === "streaming") change.report(node, STREAMING);
  if (stage === "error" && !isCaught(node)) change.report(node, ERROR);
  if (stage !== "pending") return;
  const isNot = node.operator.startsWith("!");
  change.before(node.start, `${isNot ? "!" : ""}[${list}].includes(`);
  change.remove(node.start, use.start);
  change.remove(use.end, node.end);
  change.after(use.end, ")");
}

function changeCases(node: NodeOf<"SwitchStatement">, { change }: Context): void {
  for (const { test } of node.cases) {
    const stage = textOf(test);
    if (stage === "streaming") change.report(test!, STREAMING);
    if (stage === "error" && !isCaught(node)) change.report(test!, ERROR);
    if (stage !== "pending") continue;
    const separator = `:${change.lineEnd}${change.indentAt(test!.start)}case `;
    change.replace(test!, pending.map((one) => JSON.stringify(one)).join(separator));
  }
}

/** Whether a call asks whether a written list has a stage. */
function isIncludes(node: NodeOf<"CallExpression">): boolean {
  const callee = unwrap(node.callee);
  return (
    callee.type === "MemberExpression" &&
    nameOf(callee) === "includes" &&
    unwrap(callee.object).type === "ArrayExpression"
  );
}

function changeList(node: NodeOf<"CallExpression">, { change }: Context): void {
  const callee = unwrap(node.callee);
  const stages = callee.type === "MemberExpression" ? unwrap(callee.object) : null;
  for (const element of stages?.type === "ArrayExpression" ? stages.elements : []) {
    const stage = textOf(element);
    if (stage === "pending") change.replace(element!, list);
    if (stage === "streaming") change.report(element!, STREAMING);
    if (stage === "error" && !isCaught(node)) change.report(element!, ERROR);
  }
}
