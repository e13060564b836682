import type { Node } from "oxc-parser";
import { usesOf } from "./bindings.ts";
import type { Inference } from "./infer.ts";
import { type Asked, awaited, elementKind, type Kind, OLD, promiseOf } from "./kinds.ts";
import { isFunction, nameOf, type NodeOf, parentOf, textOf, unwrap } from "./tree.ts";

/** Returns the kind of a call's value. */
export function callKind(node: NodeOf<"CallExpression">, inference: Inference): Kind | undefined {
  const callee = unwrap(node.callee);
  const kind = inference.kindOf(callee);
  if (kind?.is === "function") return connected(node, kind.name);
  if (kind?.is === "method") {
    const call = { node, asked: kind.asked };
    if (kind.name === "predict") return { is: "promise", of: { is: "result", call } };
    return kind.name === "submit" ? { is: "job", call } : undefined;
  }
  if (kind?.is === "callable") return kind.returns();
  if (callee.type === "MemberExpression") return ofMember(node, callee, inference);
  if (callee.type !== "Identifier") return undefined;
  if (callee.name === "require" && !inference.bindings.of(callee))
    return textOf(node.arguments[0]) === OLD ? { is: "module" } : undefined;
  return ofHook(node, callee.name, inference);
}

/** Functions that connect a client. */
export const connecting: ReadonlySet<string> = new Set(["client", "duplicate", "Client.connect", "Client.duplicate"]);

function connected(node: NodeOf<"CallExpression">, name: string): Kind | undefined {
  if (!connecting.has(name)) return undefined;
  return { is: "promise", of: { is: "client", asked: askedIn(node.arguments[1]) } };
}

/** Returns the types of events that options ask for. The default is `data` alone. */
function askedIn(options: Node | undefined): Asked {
  if (options === undefined) return ["data"];
  if (options.type !== "ObjectExpression") return null;
  if (options.properties.some(({ type }) => type === "SpreadElement")) return null;
  const events = options.properties.find((one) => one.type === "Property" && nameOf(one) === "events");
  if (events?.type !== "Property") return ["data"];
  if (events.value.type !== "ArrayExpression") return null;
  const names = events.value.elements.map((one) => textOf(one));
  return names.every((name) => name !== undefined) ? names : null;
}

function ofMember(
  node: NodeOf<"CallExpression">,
  callee: NodeOf<"MemberExpression">,
  inference: Inference,
): Kind | undefined {
  const name = nameOf(callee) ?? "";
  const [first] = node.arguments;
  if (callee.object.type === "Identifier" && callee.object.name === "Promise") return ofPromise(name, first, inference);
  if (callee.object.type === "Identifier" && callee.object.name === "React") return ofHook(node, name, inference);
  const kind = inference.kindOf(callee.object);
  if (kind?.is === "promise") {
    if (name === "then") return promiseOf(ofCallback(first, inference));
    return name === "catch" || name === "finally" ? kind : undefined;
  }
  if (name === "map") {
    const of = ofCallback(first, inference);
    return of && { is: "list", of };
  }
  const element = elementKind(kind);
  if (element === undefined) return undefined;
  if (name === "at" || name === "find" || name === "pop" || name === "shift") return element;
  return name === "filter" || name === "slice" ? kind : undefined;
}

function ofCallback(callback: Node | undefined, inference: Inference): Kind | undefined {
  const kind = inference.kindOf(callback);
  return kind?.is === "callable" ? kind.returns() : undefined;
}

/** Returns the kind of a call of `Promise.all` and its relatives. */
function ofPromise(name: string, first: Node | undefined, inference: Inference): Kind | undefined {
  const kind = inference.kindOf(first);
  if (name === "resolve") return promiseOf(kind);
  if (name === "race" || name === "any") return promiseOf(awaited(elementKind(kind)));
  if (name !== "all" || kind === undefined) return undefined;
  if (kind.is === "tuple") return { is: "promise", of: { is: "tuple", of: kind.of.map(awaited) } };
  const element = awaited(elementKind(kind));
  return element && { is: "promise", of: { is: "list", of: element } };
}

/** Names of the member that holds the value of a container of a front end. */
const containers: Readonly<Record<string, string>> = {
  useRef: "current",
  ref: "value",
  shallowRef: "value",
  signal: "value",
};

/** Member under which the value of a context is found. No program can read it. */
const CONTEXT = "context of React";

/** Returns the kind of a value that is held by a container of a front end: `useState`, `useRef`, `ref`, `$state`. */
function ofHook(node: NodeOf<"CallExpression">, name: string, inference: Inference): Kind | undefined {
  const [first] = node.arguments;
  const stated = node.typeArguments?.params[0];
  const initial = first && isFunction(first) ? inference.returned(first) : inference.kindOf(first);
  const kind = (stated && inference.types.of(stated)) ?? initial;
  if (name === "useState") return { is: "tuple", of: [kind ?? setKind(node, inference)] };
  if (name === "$state" || name === "useMemo") return kind;
  if (name === "createContext") return kind && { is: "object", member: (one) => (one === CONTEXT ? kind : undefined) };
  if (name === "useContext") return initial?.is === "object" ? initial.member(CONTEXT) : undefined;
  if (name === "useCallback") return inference.kindOf(first);
  const member = Object.hasOwn(containers, name) ? containers[name] : undefined;
  return member === undefined || kind === undefined
    ? undefined
    : { is: "object", member: (one) => (one === member ? kind : undefined) };
}

/** Returns the function that sets the state of `useState`. */
export function setterOf(node: Node): Node | null {
  const declaration = parentOf(node);
  if (declaration?.type !== "VariableDeclarator" || declaration.id.type !== "ArrayPattern") return null;
  return declaration.id.elements[1] ?? null;
}

function setKind(node: Node, inference: Inference): Kind | undefined {
  const setter = setterOf(node);
  const variable = setter && inference.bindings.of(setter);
  for (const use of variable ? usesOf(variable) : []) {
    const call = parentOf(use);
    if (call?.type !== "CallExpression" || call.callee !== use) {
      // A setter as a callback: `.then(setApp)`.
      if (call?.type !== "CallExpression" || call.callee.type !== "MemberExpression") continue;
      const kind = inference.kindOf(call.callee.object);
      if (kind?.is === "promise" && nameOf(call.callee) === "then") return kind.of;
      continue;
    }
    const kind = inference.kindOf(call.arguments[0]);
    if (kind !== undefined && kind.is !== "callable") return kind;
  }
  return undefined;
}
