import type { Node } from "oxc-parser";
import type { Inference } from "./infer.ts";
import { awaited, type Kind, memberKind, OLD, promiseOf } from "./kinds.ts";
import { isClass, nameOf, type NodeOf } from "./tree.ts";

/** Kinds of the values that types describe. */
export class TypeKinds {
  readonly #inference: Inference;
  readonly #open = new Set<Node>();

  constructor(inference: Inference) {
    this.#inference = inference;
  }

  /** Returns the kind of a value of a type. */
  of(node: Node): Kind | undefined {
    // Ends the search in a type that contains itself.
    if (this.#open.has(node)) return undefined;
    this.#open.add(node);
    try {
      return this.#find(node);
    } finally {
      this.#open.delete(node);
    }
  }

  /** Returns the kind of a container that `new` creates with stated types: `new Map<string, Client>()`. */
  constructed(node: NodeOf<"NewExpression">): Kind | undefined {
    if (node.callee.type !== "Identifier" || !node.typeArguments) return undefined;
    return this.#generic(node.callee.name, node.typeArguments.params);
  }

  #find(node: Node): Kind | undefined {
    switch (node.type) {
      case "TSTypeAnnotation":
        return this.of(node.typeAnnotation);
      case "TSTypeReference":
        return this.#reference(node);
      case "TSUnionType":
      case "TSIntersectionType":
        return node.types.map((type) => this.of(type)).find((kind) => kind !== undefined);
      case "TSArrayType":
        return listOf(this.of(node.elementType));
      case "TSTypeOperator":
        return this.of(node.typeAnnotation);
      case "TSTupleType":
        return { is: "tuple", of: node.elementTypes.map((type) => this.of(type)) };
      case "TSTypeQuery":
        return this.#queried(node.exprName);
      case "TSIndexedAccessType": {
        const kind = this.of(node.objectType);
        const { indexType } = node;
        const name =
          indexType.type === "TSLiteralType" && indexType.literal.type === "Literal"
            ? String(indexType.literal.value)
            : undefined;
        return kind && memberKind(kind, name);
      }
      case "TSTypeLiteral":
        return this.#members(node.members);
      case "TSFunctionType":
        return { is: "callable", returns: () => this.of(node.returnType) };
      case "TSImportType":
        return this.#imported(node);
      default:
        return undefined;
    }
  }

  #imported(node: NodeOf<"TSImportType">): Kind | undefined {
    if (node.source.value !== OLD || node.qualifier?.type !== "Identifier") return undefined;
    return this.#inference.importedType(OLD, node.qualifier.name);
  }

  #reference({ typeName, typeArguments }: NodeOf<"TSTypeReference">): Kind | undefined {
    if (typeName.type === "TSQualifiedName") {
      const isOld = this.#queried(typeName.left)?.is === "module";
      return isOld ? this.#inference.importedType(OLD, typeName.right.name) : undefined;
    }
    if (typeName.type !== "Identifier") return undefined;
    const variable = this.#inference.bindings.of(typeName);
    if (!variable) return this.#generic(typeName.name, typeArguments?.params ?? []);
    for (const { node: defined, parent } of variable.defs) {
      const node = defined as unknown as Node;
      if (node.type === "ImportSpecifier") {
        const name = node.imported.type === "Identifier" ? node.imported.name : node.imported.value;
        const from = (parent as unknown as NodeOf<"ImportDeclaration">).source.value;
        return this.#inference.importedType(from, name) ?? this.#generic(name, typeArguments?.params ?? []);
      }
      if (node.type === "TSTypeAliasDeclaration") return this.of(node.typeAnnotation);
      if (node.type === "TSInterfaceDeclaration") return this.#members(node.body.body);
      if (isClass(node)) {
        if (this.#inference.kindOf(node.superClass)?.is === "class") return { is: "client", asked: null };
        return { is: "object", member: (name) => this.#inference.fieldKind(node, name) };
      }
      // `const { Client } = require("@gradio/client")` in a file with types in its comments has no types.
      const kind = this.#inference.variableKind(variable);
      if (kind?.is === "class") return { is: "client", asked: null };
    }
    return undefined;
  }

  #members(members: readonly Node[]): Kind {
    const find = (name: string): Kind | undefined => {
      for (const member of members) {
        if (member.type === "TSPropertySignature" && member.typeAnnotation && nameOf(member) === name)
          return this.of(member.typeAnnotation);
        if (member.type === "TSMethodSignature" && member.returnType && nameOf(member) === name) {
          const { returnType } = member;
          return { is: "callable", returns: () => this.of(returnType) };
        }
      }
      return undefined;
    };
    return { is: "object", member: find };
  }

  /** Returns the kind of a type of the language, or of a front end, with its arguments. */
  #generic(name: string, types: readonly Node[]): Kind | undefined {
    const [first, second] = types;
    if (!first) return undefined;
    if (first && name === "Map" && second) return heldBy("get", { is: "callable", returns: () => this.of(second) });
    const kind = this.of(first);
    if (kind === undefined) return undefined;
    switch (name) {
      case "Promise":
      case "PromiseLike":
        return promiseOf(kind);
      case "Awaited":
        return awaited(kind);
      case "Array":
      case "ReadonlyArray":
      case "Set":
      case "ReadonlySet":
        return listOf(kind);
      case "InstanceType":
        return kind.is === "class" ? { is: "client", asked: null } : undefined;
      case "ReturnType":
        return this.#result(kind);
      case "Readonly":
      case "Partial":
      case "Required":
      case "NonNullable":
        return kind;
      case "RefObject":
      case "MutableRefObject":
        return heldBy("current", kind);
      case "Ref":
      case "ShallowRef":
        return heldBy("value", kind);
      default:
        return undefined;
    }
  }

  #result(kind: Kind): Kind | undefined {
    if (kind.is === "callable") return kind.returns();
    if (kind.is === "function") return { is: "promise", of: { is: "client", asked: null } };
    if (kind.is !== "method") return undefined;
    if (kind.name === "submit") return { is: "job", call: null };
    return kind.name === "predict" ? { is: "promise", of: { is: "result", call: null } } : undefined;
  }

  #queried(node: Node): Kind | undefined {
    if (node.type === "Identifier") return this.#inference.kindOf(node);
    if (node.type !== "TSQualifiedName") return undefined;
    const kind = this.#queried(node.left);
    return kind && memberKind(kind, node.right.name);
  }
}

const listOf = (kind: Kind | undefined): Kind | undefined => kind && { is: "list", of: kind };
const heldBy = (name: string, kind: Kind): Kind => ({
  is: "object",
  member: (one) => (one === name ? kind : undefined),
});
