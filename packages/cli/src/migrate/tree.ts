import { type Node, visitorKeys } from "oxc-parser";

type Chosen<One extends Node, Type> = One extends Node ? ([Type & One["type"]] extends [never] ? never : One) : never;

/** A node of a kind that is chosen by its type. */
export type NodeOf<Type extends Node["type"]> = Chosen<Node, Type>;

/** A function of any form. */
export type AnyFunction = NodeOf<"FunctionDeclaration" | "FunctionExpression" | "ArrowFunctionExpression">;

/** A class of any form. */
export type AnyClass = NodeOf<"ClassDeclaration" | "ClassExpression">;

/** Returns the direct children of a node in the order of the text. */
function childrenOf(node: Node): Node[] {
  const fields = node as unknown as Readonly<Record<string, unknown>>;
  const values = (visitorKeys[node.type] ?? []).flatMap((key) => fields[key]);
  return values.filter((value): value is Node => typeof value === "object" && value !== null && "type" in value);
}

/** Sets the parent of each node, and returns all nodes: each before its children, in the order of the text. */
export function linkNodes(root: Node): Node[] {
  const nodes: Node[] = [];
  const stack: Node[] = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    nodes.push(node);
    const children = childrenOf(node);
    for (const child of children) (child as { parent?: Node }).parent = node;
    stack.push(...children.toReversed());
  }
  return nodes;
}

/** Returns the nodes of a tree that a test accepts, the tree itself included. */
export function nodesIn(root: Node, accept: (node: Node) => boolean = () => true): Node[] {
  return [...(accept(root) ? [root] : []), ...childrenOf(root).flatMap((child) => nodesIn(child, accept))];
}

/** Returns the parent of a node. */
export function parentOf(node: Node): Node | null {
  return node.parent ?? null;
}

/** Returns the nearest node around a node that a test accepts. */
export function around(node: Node, accept: (node: Node) => boolean): Node | null {
  for (let at = parentOf(node); at !== null; at = parentOf(at)) if (accept(at)) return at;
  return null;
}

/** Whether a node is a function. */
export function isFunction(node: Node | null | undefined): node is AnyFunction {
  return (
    node?.type === "FunctionDeclaration" ||
    node?.type === "FunctionExpression" ||
    node?.type === "ArrowFunctionExpression"
  );
}

/** Whether a node is a class. */
export function isClass(node: Node | null | undefined): node is AnyClass {
  return node?.type === "ClassDeclaration" || node?.type === "ClassExpression";
}

/** Whether an expression is a statement of its own, at a place where `await` is allowed. */
export function canAwait(node: Node, isModule: boolean): boolean {
  if (parentOf(wrapped(node))?.type !== "ExpressionStatement") return false;
  const owner = around(node, (one) => isFunction(one) || isClass(one));
  return isFunction(owner) ? owner.async : owner === null && isModule;
}

/** Whether a node contains another one, or is the same. */
export function contains(outer: Node, inner: Node): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

const transparent: ReadonlySet<string> = new Set([
  "ParenthesizedExpression",
  "ChainExpression",
  "TSAsExpression",
  "TSNonNullExpression",
  "TSSatisfiesExpression",
  "TSTypeAssertion",
]);

/** Returns the expression inside of parentheses, optional chains and assertions of types. */
export function unwrap(node: Node): Node {
  return transparent.has(node.type) && "expression" in node ? unwrap(node.expression as Node) : node;
}

/** Returns the outermost expression that only wraps a node in parentheses, optional chains and assertions of types. */
export function wrapped(node: Node): Node {
  const parent = parentOf(node);
  return parent !== null && transparent.has(parent.type) ? wrapped(parent) : node;
}

type Named = NodeOf<
  | "MemberExpression"
  | "Property"
  | "PropertyDefinition"
  | "MethodDefinition"
  | "TSPropertySignature"
  | "TSMethodSignature"
>;

/** Returns the name of a property key or of a member; `undefined` for a computed one. */
export function nameOf(node: Named): string | undefined {
  const key: Node = node.type === "MemberExpression" ? node.property : node.key;
  if (key.type === "Literal")
    return typeof key.value === "string" || typeof key.value === "number" ? String(key.value) : undefined;
  if (key.type === "PrivateIdentifier") return `#${key.name}`;
  return !node.computed && key.type === "Identifier" ? key.name : undefined;
}

/** Whether a node is `null` or `undefined`. */
export function isNothing(node: Node | undefined): boolean {
  if (node === undefined) return true;
  if (node.type === "Literal") return node.value === null && !("regex" in node) && !("bigint" in node);
  return node.type === "Identifier" && node.name === "undefined";
}

/** Returns the text of a literal; `undefined` for any other node. */
export function textOf(node: Node | null | undefined): string | undefined {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  const [quasi] = node?.type === "TemplateLiteral" && node.expressions.length === 0 ? node.quasis : [];
  return quasi?.value.cooked ?? undefined;
}

/** Whether an expression only reads: dropping it changes nothing else. */
export function isInert(node: Node): boolean {
  return nodesIn(node, ({ type }) =>
    [
      "CallExpression",
      "NewExpression",
      "AwaitExpression",
      "YieldExpression",
      "AssignmentExpression",
      "UpdateExpression",
    ].includes(type),
  ).every((part) => around(part, (outer) => isFunction(outer) && contains(node, outer)) !== null);
}
