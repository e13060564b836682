import { type Definition, DefinitionType, type Variable } from "@typescript-eslint/scope-manager";
import type { Node } from "oxc-parser";
import { type Bindings, nodeOf, usesOf } from "./bindings.ts";
import { callKind } from "./infer-calls.ts";
import { memberOfClass, memberOfObject, outermostObject } from "./infer-members.ts";
import { TypeKinds } from "./infer-types.ts";
import { awaited, elementKind, exportedType, exportKind, type Kind, memberKind, OLD, promiseOf } from "./kinds.ts";
import {
  type AnyClass,
  type AnyFunction,
  around,
  contains,
  isClass,
  isFunction,
  nameOf,
  type NodeOf,
  nodesIn,
  parentOf,
  textOf,
  unwrap,
  wrapped,
} from "./tree.ts";

/** Exports of a module of the program that have a kind, by name. `null` for a module that is not followed. */
export type FindExports = (specifier: string) => ReadonlyMap<string, Kind> | null;

/** Kinds of the expressions and variables of one program. They are found on demand, and remembered. */
export class Inference {
  readonly bindings: Bindings;
  readonly types: TypeKinds;
  readonly #nodes: readonly Node[];
  readonly #findExports: FindExports;
  readonly #known = new Map<Node | Variable, Kind | undefined>();
  readonly #returned = new Map<Node, Kind | undefined>();
  readonly #members = new Map<Node, Map<string, Kind | undefined>>();

  constructor(nodes: readonly Node[], bindings: Bindings, findExports: FindExports) {
    this.bindings = bindings;
    this.#nodes = nodes;
    this.#findExports = findExports;
    this.types = new TypeKinds(this);
  }

  /** Returns the kind of an expression. */
  kindOf(node: Node | null | undefined): Kind | undefined {
    if (!node) return undefined;
    return this.#remember(node, this.#known, () => this.#expression(node));
  }

  /** Returns the kind of a variable. */
  variableKind(variable: Variable): Kind | undefined {
    return this.#remember(variable, this.#known, () => {
      for (const definition of variable.defs) {
        const kind = this.#definition(definition);
        if (kind !== undefined) return kind;
      }
      return this.#written(variable);
    });
  }

  /** Returns the kind of what a module exports under a name. */
  importedKind(specifier: string, name: string): Kind | undefined {
    if (specifier === OLD) return exportKind(name);
    return this.#findExports(specifier)?.get(name);
  }

  /** Returns the kind of what a function returns. */
  returned(node: AnyFunction): Kind | undefined {
    return this.#remember(node, this.#returned, () => {
      const stated = node.returnType ? this.types.of(node.returnType) : undefined;
      if (stated !== undefined || node.generator || !node.body) return stated;
      const results = node.body.type === "BlockStatement" ? returnsOf(node) : [node.body];
      const kind = results.map((result) => this.kindOf(result)).find((one) => one !== undefined);
      return node.async ? promiseOf(kind) : kind;
    });
  }

  /** Returns the kind of a member of a class. */
  fieldKind(node: AnyClass, name: string): Kind | undefined {
    const known = this.#members.get(node) ?? new Map<string, Kind | undefined>();
    this.#members.set(node, known);
    if (known.has(name)) return known.get(name);
    known.set(name, undefined);
    const kind = memberOfClass(node, name, this);
    known.set(name, kind);
    return kind;
  }

  /** Returns the kind of the element that a pattern assigns to one of its names. */
  within(pattern: Node, target: Node, kind: Kind | undefined): Kind | undefined {
    if (pattern === target) return kind;
    if (pattern.type === "AssignmentPattern")
      return this.within(pattern.left, target, kind ?? this.kindOf(pattern.right));
    if (pattern.type === "ObjectPattern") {
      const part = pattern.properties.find((one) => contains(one, target));
      if (part?.type !== "Property") return undefined;
      return this.within(part.value, target, kind && memberKind(kind, nameOf(part)));
    }
    if (pattern.type !== "ArrayPattern") return undefined;
    const at = pattern.elements.findIndex((one) => one !== null && contains(one, target));
    const element = pattern.elements[at];
    if (!element || element.type === "RestElement") return undefined;
    return this.within(element, target, kind && memberKind(kind, String(at)));
  }

  /** Returns the kind of the element that a `for … of` loop reads. */
  loopKind(loop: NodeOf<"ForOfStatement">): Kind | undefined {
    const kind = this.kindOf(loop.right);
    if (kind?.is === "job") return { is: "event" };
    const element = elementKind(kind);
    return loop.await ? awaited(element) : element;
  }

  #remember<Key>(key: Key, known: Map<Key, Kind | undefined>, find: () => Kind | undefined): Kind | undefined {
    if (known.has(key)) return known.get(key);
    // Ends the search where a kind depends on itself.
    known.set(key, undefined);
    const kind = find();
    known.set(key, kind);
    return kind;
  }

  #expression(node: Node): Kind | undefined {
    switch (node.type) {
      case "Identifier": {
        const variable = this.bindings.of(node);
        return variable && this.variableKind(variable);
      }
      case "ThisExpression":
        return this.#this(node);
      case "AwaitExpression":
        return awaited(this.kindOf(node.argument));
      case "CallExpression":
        return callKind(node, this);
      case "NewExpression":
        if (this.kindOf(unwrap(node.callee))?.is === "class") return { is: "client", asked: null };
        return this.types.constructed(node) ?? this.kindOf(unwrap(node.callee));
      case "MemberExpression":
        return this.#member(node);
      case "ImportExpression":
        return this.#module(textOf(node.source));
      case "TSAsExpression":
      case "TSTypeAssertion":
        return this.kindOf(node.expression) ?? this.types.of(node.typeAnnotation);
      case "TSNonNullExpression":
      case "TSSatisfiesExpression":
      case "ChainExpression":
        return this.kindOf(node.expression);
      case "AssignmentExpression":
        return this.kindOf(node.right);
      case "LogicalExpression":
        return this.kindOf(node.left) ?? this.kindOf(node.right);
      case "ConditionalExpression":
        return this.kindOf(node.consequent) ?? this.kindOf(node.alternate);
      case "SequenceExpression":
        return this.kindOf(node.expressions.at(-1));
      case "ObjectExpression":
        return { is: "object", member: (name) => memberOfObject(node, name, this) };
      case "ArrayExpression":
        return { is: "tuple", of: node.elements.map((one) => this.kindOf(one)) };
      case "ArrowFunctionExpression":
      case "FunctionExpression":
        return { is: "callable", returns: () => this.returned(node) };
      default:
        return undefined;
    }
  }

  /** Returns the kind of `this`: the members of the class, or of the object of components and services. */
  #this(node: Node): Kind | undefined {
    const owner = around(node, (one) => isClass(one) || (isFunction(one) && parentOf(one)?.type === "Property"));
    if (isClass(owner)) return this.#instance(owner);
    const outer = owner && outermostObject(owner);
    return outer ? this.kindOf(outer) : undefined;
  }

  #instance(owner: AnyClass): Kind {
    return { is: "object", member: (name) => this.fieldKind(owner, name) };
  }

  /** Returns the promise of a module that `import()` loads. */
  #module(specifier: string | undefined): Kind | undefined {
    if (specifier === undefined) return undefined;
    if (specifier === OLD) return { is: "promise", of: { is: "module" } };
    const exports = this.#findExports(specifier);
    return exports ? { is: "promise", of: { is: "object", member: (name) => exports.get(name) } } : undefined;
  }

  #member(node: NodeOf<"MemberExpression">): Kind | undefined {
    const kind = this.kindOf(node.object);
    const name = nameOf(node);
    const found = kind && memberKind(kind, name);
    if (found !== undefined || name === undefined) return found;
    const variable = this.bindings.of(unwrap(node.object));
    return variable && this.assignedKind(variable, name);
  }

  /** Returns the kind of what is assigned to a member of a variable. */
  assignedKind(variable: Variable, name: string): Kind | undefined {
    return this.assigned(usesOf(variable), name);
  }

  /** Returns the kind of what is assigned to a member of some objects: `ref.current = …`. */
  assigned(objects: readonly Node[], name: string): Kind | undefined {
    for (const object of objects) {
      const member = parentOf(wrapped(object));
      if (member?.type !== "MemberExpression" || nameOf(member) !== name) continue;
      const assignment = parentOf(wrapped(member));
      if (assignment?.type !== "AssignmentExpression" || unwrap(assignment.left) !== member) continue;
      const kind = this.kindOf(assignment.right);
      if (kind !== undefined) return kind;
    }
    return undefined;
  }

  #definition({ type, node, name, parent }: Definition): Kind | undefined {
    const target = name as unknown as Node;
    const at = node as unknown as Node;
    if (at.type === "ImportSpecifier" || at.type === "ImportDefaultSpecifier" || at.type === "ImportNamespaceSpecifier")
      return this.#import(at, (parent as unknown as NodeOf<"ImportDeclaration">).source.value);
    if (at.type === "TSImportEqualsDeclaration") return this.#importEquals(at);
    if (at.type === "VariableDeclarator") return this.#declared(at, target);
    if (type === DefinitionType.Parameter && isFunction(at)) return this.#parameter(at, target);
    if (at.type === "FunctionDeclaration") return { is: "callable", returns: () => this.returned(at) };
    if (!isClass(at)) return undefined;
    return this.kindOf(at.superClass)?.is === "class" ? { is: "class" } : this.#instance(at);
  }

  #import(
    node: NodeOf<"ImportSpecifier" | "ImportDefaultSpecifier" | "ImportNamespaceSpecifier">,
    from: string,
  ): Kind | undefined {
    if (node.type === "ImportNamespaceSpecifier") {
      if (from === OLD) return { is: "module" };
      const exports = this.#findExports(from);
      return exports ? { is: "object", member: (name) => exports.get(name) } : undefined;
    }
    if (node.type === "ImportDefaultSpecifier") return this.importedKind(from, "default");
    const name = node.imported.type === "Identifier" ? node.imported.name : node.imported.value;
    return this.importedKind(from, name);
  }

  #importEquals({ moduleReference }: NodeOf<"TSImportEqualsDeclaration">): Kind | undefined {
    if (moduleReference.type !== "TSExternalModuleReference") return undefined;
    return moduleReference.expression.value === OLD ? { is: "module" } : undefined;
  }

  #declared({ id, init, parent }: NodeOf<"VariableDeclarator">, target: Node): Kind | undefined {
    const stated = id.typeAnnotation && this.within(id, target, this.types.of(id.typeAnnotation));
    if (stated && stated.is !== "object") return stated;
    const loop = parent ? parentOf(parent) : null;
    if (loop?.type === "ForOfStatement" && loop.left === parent) return this.within(id, target, this.loopKind(loop));
    return (init ? this.within(id, target, this.kindOf(init)) : undefined) ?? stated ?? undefined;
  }

  #parameter(owner: AnyFunction, target: Node): Kind | undefined {
    const parameter = owner.params.find((one) => contains(one, target));
    if (!parameter || parameter.type === "RestElement") return undefined;
    const given: Node = parameter.type === "TSParameterProperty" ? parameter.parameter : parameter;
    return this.within(patternOf(given), target, this.patternKind(given));
  }

  /** Returns the kind of what a parameter receives. */
  patternKind(parameter: Node): Kind | undefined {
    const pattern = patternOf(parameter);
    const annotation = "typeAnnotation" in pattern ? pattern.typeAnnotation : undefined;
    if (annotation) return this.types.of(annotation);
    const owner =
      parentOf(parameter)?.type === "TSParameterProperty" ? parentOf(parentOf(parameter)!) : parentOf(parameter);
    if (!isFunction(owner)) return undefined;
    const at = owner.params.findIndex((one) => contains(one, parameter));
    return (
      this.#context(owner, at) ?? (parameter.type === "AssignmentPattern" ? this.kindOf(parameter.right) : undefined)
    );
  }

  /** Returns the kind of a parameter without a type, from the calls of its function. */
  #context(owner: AnyFunction, at: number): Kind | undefined {
    const outer = parentOf(wrapped(owner));
    if (outer?.type === "Property" && nameOf(outer) === "status_callback" && at === 0) return { is: "space" };
    if (outer?.type === "CallExpression" && unwrap(outer.callee) !== owner) {
      const callee = unwrap(outer.callee);
      if (
        at === 0 &&
        callee.type === "MemberExpression" &&
        nameOf(callee) === "on" &&
        this.kindOf(callee.object)?.is === "job"
      )
        return eventOf(textOf(outer.arguments[0]));
      if (at !== 0 || callee.type !== "MemberExpression" || unwrap(outer.arguments[0]!) !== owner) return undefined;
      const kind = this.kindOf(callee.object);
      if (kind?.is === "promise") return nameOf(callee) === "then" ? kind.of : undefined;
      return iterating.has(nameOf(callee) ?? "") ? elementKind(kind) : undefined;
    }
    const calls = this.callsOf(owner);
    const kinds = calls?.map((call) => this.kindOf(call.arguments[at])) ?? [];
    const [first] = kinds;
    return kinds.every((kind) => kind?.is === first?.is) ? first : undefined;
  }

  /** Returns the calls of a function of this program; `null` where it is exported, or used other than by calls. */
  callsOf(owner: AnyFunction): NodeOf<"CallExpression">[] | null {
    const outer = parentOf(owner);
    const name =
      owner.type === "FunctionDeclaration" ? owner.id : outer?.type === "VariableDeclarator" ? outer.id : null;
    const variable = name && this.bindings.of(name);
    const declaration = owner.type === "FunctionDeclaration" ? outer : outer && parentOf(parentOf(outer) ?? outer);
    if (!variable || declaration?.type.startsWith("Export")) return null;
    const calls: NodeOf<"CallExpression">[] = [];
    for (const use of usesOf(variable)) {
      const call = parentOf(wrapped(use));
      if (call?.type !== "CallExpression" || unwrap(call.callee) !== use) return null;
      calls.push(call);
    }
    return calls;
  }

  #written(variable: Variable): Kind | undefined {
    for (const reference of variable.references) {
      const target = nodeOf(reference);
      const assignment = around(target, (one) => one.type === "AssignmentExpression");
      if (assignment?.type !== "AssignmentExpression" || !contains(assignment.left, target)) continue;
      if (!reference.isWrite()) continue;
      const kind = this.within(assignment.left, target, this.kindOf(assignment.right));
      if (kind !== undefined) return kind;
    }
    return undefined;
  }

  /** Returns the exports of another module of the program that have a kind. */
  exportsOf(specifier: string): ReadonlyMap<string, Kind> {
    return this.#findExports(specifier) ?? new Map();
  }

  /** Returns the nodes of the program. */
  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  /** Returns the kind of a type that a module exports. */
  importedType(specifier: string, name: string): Kind | undefined {
    if (specifier === OLD) return exportedType(name);
    const kind = this.#findExports(specifier)?.get(name);
    return kind?.is === "class" ? { is: "client", asked: null } : kind;
  }
}

/** Returns the pattern of a parameter, without its default. */
function patternOf(parameter: Node): Node {
  return parameter.type === "AssignmentPattern" ? parameter.left : parameter;
}

/** Returns the kind of what a listener receives. */
function eventOf(type: string | undefined): Kind {
  return type === undefined ? { is: "event" } : { is: "event", type };
}

/** Methods of lists whose callback receives an element. */
const iterating: ReadonlySet<string> = new Set([
  "map",
  "forEach",
  "filter",
  "find",
  "flatMap",
  "some",
  "every",
  "findIndex",
]);

/** Returns the expressions that a function returns, but not those of functions in it. */
function returnsOf(owner: AnyFunction): Node[] {
  const returns = nodesIn(owner.body!, ({ type }) => type === "ReturnStatement");
  return returns.flatMap((one) =>
    one.type === "ReturnStatement" && one.argument && around(one, isFunction) === owner ? [one.argument] : [],
  );
}
