import type { Node } from "oxc-parser";
import { usesOf } from "../bindings.ts";
import type { Context } from "../context.ts";
import { awaited, type Call } from "../kinds.ts";
import { nameOf, type NodeOf, parentOf, textOf, wrapped } from "../tree.ts";

type Member = NodeOf<"MemberExpression">;

const UNKNOWN =
  "`predict` resolves to the output itself where the endpoint has one, and to an array where it has several: pass --app, or change this read by hand.";
const MIXED = "The variable holds results of endpoints with different numbers of outputs: change this read by hand.";
const FIELDS = "of a result has no counterpart: `predict` resolves to the outputs alone.";

/** Returns the number of outputs of the endpoint that a call names; `undefined` where it is not known. */
function outputCount(call: Call, { outputs }: Context): number | undefined {
  const [endpoint] = call?.node.arguments ?? [];
  if (!endpoint || outputs === null) return undefined;
  const name =
    endpoint.type === "Literal" && typeof endpoint.value === "number" ? String(endpoint.value) : textOf(endpoint);
  return name === undefined ? undefined : outputs.get(name.replace(/^\//, ""));
}

/** Whether all results that a variable may hold have a number of outputs. */
function hasSameCount({ object }: Member, count: number, context: Context): boolean {
  const variable = context.inference.bindings.of(object);
  const kinds = (variable?.references ?? []).flatMap(({ writeExpr }) => {
    const kind = context.inference.kindOf(writeExpr as unknown as Node | null);
    return kind?.is === "result" ? [kind.call] : [];
  });
  return kinds.every((call) => outputCount(call, context) === count);
}

/** Sentence of the report about a result whose number of outputs is not known. */
function unknownResult(call: Call, { outputs }: Context): string {
  const [endpoint] = call?.node.arguments ?? [];
  const name = endpoint && textOf(endpoint);
  if (outputs === null || name === undefined) return UNKNOWN;
  return `The app has no endpoint ${JSON.stringify(name)}: change this read of its result by hand.`;
}

/** Changes reads of the outputs in the result of `predict`. */
export function changeResults(context: Context): void {
  const typed = new Set<Node>();
  for (const node of context.inference.nodes) {
    reportType(node, context);
    if (node.type !== "MemberExpression") continue;
    const kind = context.inference.kindOf(node.object);
    if (kind?.is !== "result") continue;
    const count = outputCount(kind.call, context);
    if (nameOf(node) !== "data") context.change.report(node, `\`${nameOf(node) ?? "A computed field"}\` ${FIELDS}`);
    else if (count === undefined) context.change.report(node.property, unknownResult(kind.call, context));
    else if (!hasSameCount(node, count, context)) context.change.report(node.property, MIXED);
    else {
      changeData(node, count, context);
      if (count === 1) changeType(kind.call, typed, context);
    }
  }
}

const STATED =
  "The type of a result is written here: it is now the type of the output itself, or of the array of outputs.";
const open: ReadonlySet<string> = new Set(["TSAnyKeyword", "TSUnknownKeyword"]);

/** Reports the type of a result that a program states: `const result: { data: string[] } = await client.predict(…)`. */
function reportType(node: Node, { inference, change }: Context): void {
  let type: Node | null | undefined;
  let value: Node | null | undefined;
  if (node.type === "VariableDeclarator") [type, value] = [node.id.typeAnnotation?.typeAnnotation, node.init];
  else if (node.type === "TSAsExpression") [type, value] = [node.typeAnnotation, node.expression];
  const kind = awaited(value ? inference.kindOf(value) : undefined);
  if (!type || kind?.is !== "result" || open.has(type.type)) return;
  if (awaited(inference.types.of(type))?.is !== "result") change.report(type, STATED);
}

/** Changes the type argument of a call whose endpoint has one output: `predict<[string]>`, `predict<string[]>`. */
function changeType(call: Call, done: Set<Node>, { change }: Context): void {
  const type = call?.node.typeArguments?.params[0];
  if (!type || done.has(type)) return;
  done.add(type);
  const element = elementType(type);
  if (element) change.replace(type, change.textOf(element));
  else change.report(type, "The type of this call is that of the output itself, and not of a list.");
}

function elementType(type: Node): Node | null {
  if (type.type === "TSArrayType") return type.elementType;
  return type.type === "TSTupleType" && type.elementTypes.length === 1 ? type.elementTypes[0]! : null;
}

function changeData(node: Member, count: number, context: Context): void {
  const { change } = context;
  if (count === 0) {
    change.report(node, "The endpoint has no output: its result is `null`.");
    return;
  }
  if (count > 1) {
    change.removeMember(node);
    return;
  }
  const asserted = assertedElement(node);
  const first = asserted ?? firstElement(node);
  if (asserted) {
    change.removeMember(node);
    const assertion = parentOf(node)!;
    const type = assertion.type === "TSAsExpression" ? elementType(assertion.typeAnnotation) : null;
    if (assertion.type === "TSAsExpression" && type) change.replace(assertion.typeAnnotation, change.textOf(type));
    change.removeMember(asserted);
  } else if (first) {
    change.removeMember(node, first.end);
    dropParentheses(node.object, wrapped(first), context);
  } else if (!declareFirst(node, context)) {
    change.before(node, "[");
    change.removeMember(node);
    dropParentheses(node.object, node, context, true);
    change.after(node, "]");
  }
}

/** Returns `(result.data as T[])[0]`. */
function assertedElement(node: Member): Member | null {
  const assertion = parentOf(node);
  if (assertion?.type !== "TSAsExpression" || !elementType(assertion.typeAnnotation)) return null;
  return firstElement(assertion);
}

/** Returns the read of the first element of a list. */
function firstElement(node: Node): Member | null {
  const list = wrapped(node);
  const member = parentOf(node.type === "TSAsExpression" ? node : list);
  return member?.type === "MemberExpression" && member.computed && nameOf(member) === "0" ? member : null;
}

const roomy: ReadonlySet<string> = new Set([
  "VariableDeclarator",
  "AssignmentExpression",
  "ReturnStatement",
  "CallExpression",
  "NewExpression",
  "ArrayExpression",
  "Property",
  "ArrowFunctionExpression",
  "ExpressionStatement",
  "TemplateLiteral",
]);

/** Removes the parentheses around an expression whose members were removed, where they are not needed. */
function dropParentheses(inner: Node, outer: Node, { change }: Context, isEnclosed = false): void {
  const context = parentOf(outer);
  const isCallee = context?.type === "CallExpression" && context.callee === outer;
  if (inner.type !== "AwaitExpression" || !(isEnclosed || (context && roomy.has(context.type) && !isCallee))) return;
  const between = change.textOf({ start: outer.start, end: inner.start });
  const closing = change.textOf({ start: inner.end, end: outer.end }).indexOf(")");
  if (between.trim() !== "(" || closing < 0) return;
  change.remove(outer.start, inner.start);
  change.remove(inner.end, inner.end + closing + 1);
}

/** Changes `const [text] = result.data` to `const text = result`. */
function declareFirst(node: Member, context: Context): boolean {
  const { change } = context;
  const declaration = parentOf(wrapped(node));
  if (declaration?.type !== "VariableDeclarator" || declaration.id.type !== "ArrayPattern") return false;
  const { id } = declaration;
  const [only] = id.elements;
  if (id.elements.length !== 1 || only?.type !== "Identifier" || id.typeAnnotation) return false;
  change.replace(id, only.name);
  change.removeMember(node);
  dropParentheses(node.object, node, context, true);
  return true;
}

/** Changes a pattern that takes the outputs from a result: `const { data } = await client.predict(…)`. */
export function changeResultPattern(pattern: NodeOf<"ObjectPattern">, call: Call, context: Context): void {
  const { change } = context;
  const [property] = pattern.properties;
  const count = outputCount(call, context);
  const isData = pattern.properties.length === 1 && property?.type === "Property" && nameOf(property) === "data";
  if (count === undefined) change.report(pattern, unknownResult(call, context));
  else if (!isData || pattern.typeAnnotation)
    change.report(pattern, `A pattern with other fields than \`data\` ${FIELDS}`);
  else if (count > 1) take(pattern, property.value, change);
  else if (count === 0 || !takeOnly(pattern, property.value, context))
    change.report(pattern, "The result is the output itself: change this pattern by hand.");
  else changeType(call, new Set(), context);
}

/** Replaces a pattern by a part of it. */
function take(pattern: Node, part: Node, change: Context["change"]): void {
  change.removeCode(pattern.start, part.start);
  change.removeCode(part.end, pattern.end);
}

/** Changes a pattern for the one output of an endpoint. */
function takeOnly(pattern: NodeOf<"ObjectPattern">, value: Node, { inference, change }: Context): boolean {
  if (value.type === "ArrayPattern") {
    const [only] = value.elements;
    if (value.elements.length !== 1 || only?.type !== "Identifier") return false;
    take(pattern, only, change);
    return true;
  }
  const variable = value.type === "Identifier" ? inference.bindings.of(value) : undefined;
  if (!variable) return false;
  const reads = usesOf(variable).map((use) => firstElement(use));
  const declaration = parentOf(pattern);
  if (reads.every((read) => read !== null)) {
    take(pattern, value, change);
    for (const read of reads) change.removeMember(read);
    return true;
  }
  if (declaration?.type !== "VariableDeclarator" || !declaration.init) return false;
  take(pattern, value, change);
  change.before(declaration.init, "[");
  change.after(declaration.init, "]");
  return true;
}
