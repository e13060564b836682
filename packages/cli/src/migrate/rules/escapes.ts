import type { Node } from "oxc-parser";
import type { Context } from "../context.ts";
import { setterOf } from "../infer-calls.ts";
import type { Kind } from "../kinds.ts";
import { type AnyFunction, around, isFunction, type NodeOf, parentOf, unwrap, wrapped } from "../tree.ts";

const sentences: Partial<Record<Kind["is"], string>> = {
  result:
    "A result of `predict` is used elsewhere: it is now the output itself, or an array of outputs. Check the code that receives it.",
  event: "An event is used elsewhere: its fields have other names. Check the code that receives it.",
  job: "A submission is used elsewhere: its methods have other names. Check the code that receives it.",
  client:
    "A client is passed to a function that is not followed: give its parameter the type `Client`, or check what it reads.",
};

/** Reports values that reach code which the migration does not follow. */
export function reportEscapes(context: Context): void {
  const { inference, change } = context;
  for (const node of inference.nodes) {
    if (!isValue(node)) continue;
    const kind = inference.kindOf(node);
    const followed = kind?.is === "promise" ? kind.of : kind;
    const sentence = followed && sentences[followed.is];
    if (sentence !== undefined && followed && escapes(node, followed, context)) change.report(node, sentence);
  }
}

/** Whether a node may be the outermost expression of a value. */
function isValue(node: Node): boolean {
  if (!["Identifier", "MemberExpression", "CallExpression", "AwaitExpression", "NewExpression"].includes(node.type))
    return false;
  return wrapped(node) === node || parentOf(node)?.type !== "ParenthesizedExpression";
}

function escapes(node: Node, kind: Kind, context: Context): boolean {
  const use = wrapped(node);
  const outer = parentOf(use);
  switch (outer?.type) {
    case "CallExpression":
    case "NewExpression":
      return outer.callee !== use && isPassed(use, outer, kind, context);
    case "ReturnStatement": {
      const owner = around(outer, isFunction);
      return isFunction(owner) && isReturned(owner, kind, context);
    }
    case "ArrowFunctionExpression":
      return outer.body === use && isReturned(outer, kind, context);
    case "AssignmentExpression":
      return outer.right === use && isStored(outer, kind);
    case "Property":
      return outer.value === use && parentOf(outer)?.type === "ObjectExpression" && !isFollowedObject(parentOf(outer)!);
    case "SpreadElement":
    case "YieldExpression":
      return true;
    case "JSXExpressionContainer":
      return kind.is !== "client" || !context.source.typed;
    default:
      return false;
  }
}

/** Whether the function that receives a value is not followed. */
function isPassed(use: Node, call: NodeOf<"CallExpression" | "NewExpression">, kind: Kind, context: Context): boolean {
  const { inference, source } = context;
  const callee = unwrap(call.callee);
  if (
    callee.type === "MemberExpression" &&
    callee.object.type === "Identifier" &&
    ["console", "Promise"].includes(callee.object.name)
  )
    return false;
  const variable = inference.bindings.of(callee);
  const setter = variable?.identifiers[0] as unknown as Node | undefined;
  const declaration = setter && parentOf(setter);
  if (declaration?.type === "ArrayPattern" && declaration.elements[1] === setter) {
    const state = parentOf(declaration);
    return !(state?.type === "VariableDeclarator" && state.init && setterOf(state.init) === setter);
  }
  if (
    callee.type === "Identifier" &&
    ["useState", "useRef", "ref", "shallowRef", "signal", "$state"].includes(callee.name)
  )
    return false;
  const owner = variable && functionOf(variable.defs[0]?.node as unknown as Node | undefined);
  if (owner) {
    const parameter = owner.params[call.arguments.indexOf(use as never)];
    return parameter === undefined || inference.patternKind(parameter)?.is !== kind.is;
  }
  return kind.is !== "client" || !source.typed;
}

/** Returns the function that a definition declares. */
function functionOf(definition: Node | undefined): AnyFunction | null {
  if (isFunction(definition)) return definition;
  const init = definition?.type === "VariableDeclarator" ? definition.init : null;
  return isFunction(init) ? init : null;
}

/** Whether the callers of a function are not followed. */
function isReturned(owner: AnyFunction, kind: Kind, { inference }: Context): boolean {
  const outer = parentOf(wrapped(owner));
  if (kind.is === "client") return false;
  if (outer?.type === "PropertyDefinition" || outer?.type === "MethodDefinition" || outer?.type === "Property")
    return true;
  const isNamed = owner.type === "FunctionDeclaration" || outer?.type === "VariableDeclarator";
  return isNamed && inference.callsOf(owner) === null;
}

/** Whether a value is assigned to a member that is not followed. */
function isStored({ left }: NodeOf<"AssignmentExpression">, kind: Kind): boolean {
  const target = unwrap(left);
  if (target.type !== "MemberExpression") return false;
  const object = unwrap(target.object);
  if (object.type === "ThisExpression" || object.type === "Identifier") return target.computed && kind.is !== "client";
  return true;
}

/** Whether an object is the value of a variable, whose members are followed. */
function isFollowedObject(node: Node): boolean {
  const outer = parentOf(wrapped(node));
  if (outer?.type === "VariableDeclarator") return true;
  return outer?.type === "ArrowFunctionExpression" || outer?.type === "ReturnStatement";
}
