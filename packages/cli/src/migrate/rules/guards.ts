import type { Node } from "oxc-parser";
import {
  type AnyFunction,
  contains,
  isFunction,
  nameOf,
  type NodeOf,
  parentOf,
  textOf,
  unwrap,
  wrapped,
} from "../tree.ts";

/** Whether an expression is the type of an event. */
export type IsType = (node: Node) => boolean;

/** Returns the type that an event has at a node, as far as comparisons around the node state it. */
export function narrowedType(node: Node, isType: IsType): string | undefined {
  let inner: Node = node;
  for (let outer = parentOf(node); outer !== null; outer = parentOf(outer)) {
    const type = narrowedBy(outer, inner, isType);
    if (type !== undefined) return type;
    if (isFunction(outer) && !isCallback(outer)) return undefined;
    inner = outer;
  }
  return undefined;
}

/** Whether a function is an argument of a call. */
function isCallback(node: AnyFunction): boolean {
  return parentOf(wrapped(node))?.type === "CallExpression";
}

function narrowedBy(outer: Node, inner: Node, isType: IsType): string | undefined {
  switch (outer.type) {
    case "IfStatement":
      if (inner === outer.consequent) return requiredType(outer.test, isType);
      return inner === outer.alternate ? excludedType(outer.test, isType) : undefined;
    case "ConditionalExpression":
      if (inner === outer.consequent) return requiredType(outer.test, isType);
      return inner === outer.alternate ? excludedType(outer.test, isType) : undefined;
    case "LogicalExpression":
      if (inner !== outer.right) return undefined;
      return outer.operator === "&&" ? requiredType(outer.left, isType) : excludedType(outer.left, isType);
    case "SwitchCase": {
      const choice = parentOf(outer);
      const isOfType = choice?.type === "SwitchStatement" && isType(unwrap(choice.discriminant));
      return isOfType && inner !== outer.test ? caseType(outer, choice) : undefined;
    }
    case "BlockStatement":
      return leftBefore(outer.body, inner, isType);
    default:
      return undefined;
  }
}

/** Returns the type of a case, where no other case continues in it. */
function caseType(node: NodeOf<"SwitchCase">, choice: NodeOf<"SwitchStatement">): string | undefined {
  const before = choice.cases[choice.cases.indexOf(node) - 1];
  const falls = before !== undefined && !before.consequent.some((one) => leaves(one));
  return falls ? undefined : textOf(node.test);
}

/** Returns the type that all but other types have left the block before: `if (event.type !== "data") continue;`. */
function leftBefore(statements: readonly Node[], inner: Node, isType: IsType): string | undefined {
  for (const statement of statements.slice(0, statements.indexOf(inner))) {
    if (statement.type !== "IfStatement" || statement.alternate || !leaves(statement.consequent)) continue;
    const type = excludedType(statement.test, isType);
    if (type !== undefined) return type;
  }
  return undefined;
}

function leaves(node: Node): boolean {
  if (node.type === "BlockStatement") return node.body.some(leaves);
  return ["ContinueStatement", "BreakStatement", "ReturnStatement", "ThrowStatement"].includes(node.type);
}

/** Returns the type that a condition requires. */
function requiredType(test: Node, isType: IsType): string | undefined {
  if (test.type === "LogicalExpression" && test.operator === "&&")
    return requiredType(test.left, isType) ?? requiredType(test.right, isType);
  return comparedType(test, isType, ["===", "=="]);
}

/** Returns the type that the opposite of a condition requires. */
function excludedType(test: Node, isType: IsType): string | undefined {
  if (test.type === "LogicalExpression" && test.operator === "||")
    return excludedType(test.left, isType) ?? excludedType(test.right, isType);
  return comparedType(test, isType, ["!==", "!="]);
}

function comparedType(test: Node, isType: IsType, operators: readonly string[]): string | undefined {
  if (test.type !== "BinaryExpression" || !operators.includes(test.operator)) return undefined;
  if (isType(unwrap(test.left))) return textOf(test.right);
  return isType(unwrap(test.right)) ? textOf(test.left) : undefined;
}

/** Whether a node is inside of the block of a `try` with a `catch`, in the same function. */
export function isCaught(node: Node): boolean {
  let inner = node;
  for (let outer = parentOf(node); outer !== null && !isFunction(outer); outer = parentOf(outer)) {
    if (outer.type === "TryStatement" && outer.handler && outer.block === inner) return true;
    inner = outer;
  }
  return false;
}

/** Whether a condition around a node reads the same text, so that the value of the node is known to be there. */
export function isChecked(node: Node, textIn: (node: Node) => string): boolean {
  const text = textIn(node);
  let inner = node;
  for (let outer = parentOf(node); outer !== null; outer = parentOf(outer)) {
    const test = testOf(outer);
    if (test && test !== inner && !contains(test, node) && textIn(test).includes(text)) return true;
    inner = outer;
  }
  return false;
}

/** Returns the condition under which a part of an expression or a statement is evaluated. */
function testOf(node: Node): Node | null {
  if (node.type === "IfStatement" || node.type === "ConditionalExpression") return node.test;
  return node.type === "LogicalExpression" && node.operator === "&&" ? node.left : null;
}

/** Whether an expression is only checked for its presence. */
export function isPresenceCheck(node: Node): boolean {
  const outer = parentOf(wrapped(node));
  const inner = wrapped(node);
  if (outer?.type === "IfStatement" || outer?.type === "ConditionalExpression") return outer.test === inner;
  if (outer?.type === "LogicalExpression") return outer.operator === "&&" && outer.left === inner;
  if (outer?.type === "UnaryExpression") return outer.operator === "!" || outer.operator === "typeof";
  return nothingIn(outer) !== null;
}

/** Returns the `undefined` that an expression compares with. */
export function nothingIn(node: Node | null): Node | null {
  if (node?.type !== "BinaryExpression" || !["===", "!==", "==", "!="].includes(node.operator)) return null;
  for (const side of [node.left, node.right]) {
    if (side.type === "Identifier" && side.name === "undefined") return side;
    if (side.type === "Literal" && side.value === null) return side;
  }
  return null;
}

/** Returns the function that reads the name of a property of an event. */
export function readsOf(event: Node): { member: NodeOf<"MemberExpression">; name: string | undefined } | null {
  const member = parentOf(wrapped(event));
  if (member?.type !== "MemberExpression" || unwrap(member.object) !== event) return null;
  return { member, name: nameOf(member) };
}
