import type { Node } from "oxc-parser";
import type { Inference } from "./infer.ts";
import type { Kind } from "./kinds.ts";
import type { NodeOf } from "./tree.ts";

/** Returns the exports of a module that have a kind. */
export function exportsOf(inference: Inference): ReadonlyMap<string, Kind> {
  const found = new Map<string, Kind>();
  const add = (name: string, kind: Kind | undefined): void => {
    if (kind !== undefined && !isEmpty(kind)) found.set(name, kind);
  };
  for (const node of inference.nodes) {
    if (node.type === "ExportNamedDeclaration") addNamed(node, inference, add);
    if (node.type === "ExportDefaultDeclaration") add("default", declaredKind(node.declaration, inference));
    if (node.type === "ExportAllDeclaration" && !node.exported)
      for (const [name, kind] of inference.exportsOf(node.source.value)) add(name, kind);
  }
  return found;
}

type Add = (name: string, kind: Kind | undefined) => void;

function addNamed(node: NodeOf<"ExportNamedDeclaration">, inference: Inference, add: Add): void {
  const { declaration, source } = node;
  for (const { local, exported } of node.specifiers) {
    const name = exported.type === "Identifier" ? exported.name : exported.value;
    const from = local.type === "Identifier" ? local.name : local.value;
    add(name, source ? inference.importedKind(source.value, from) : inference.kindOf(local));
  }
  if (declaration?.type === "VariableDeclaration")
    for (const { id } of declaration.declarations) if (id.type === "Identifier") add(id.name, inference.kindOf(id));
  if ((declaration?.type === "FunctionDeclaration" || declaration?.type === "ClassDeclaration") && declaration.id)
    add(declaration.id.name, declaredKind(declaration, inference));
}

function declaredKind(node: Node, inference: Inference): Kind | undefined {
  if (node.type === "FunctionDeclaration") return { is: "callable", returns: () => inference.returned(node) };
  if (node.type === "ClassDeclaration") return node.id ? inference.kindOf(node.id) : undefined;
  return inference.kindOf(node);
}

/** Whether a kind carries nothing of the old package. */
function isEmpty(kind: Kind): boolean {
  if (kind.is === "callable") return kind.returns() === undefined;
  return kind.is === "tuple" ? kind.of.every((one) => one === undefined) : kind.is === "object";
}
