import type { Node } from "oxc-parser";
import type { Inference } from "./infer.ts";
import type { Kind } from "./kinds.ts";
import { type AnyClass, around, isClass, nameOf, type NodeOf, nodesIn, parentOf } from "./tree.ts";

/** Returns the kind of a member of an object that is written, or that its functions assign to. */
export function memberOfObject(node: NodeOf<"ObjectExpression">, name: string, inference: Inference): Kind | undefined {
  const property = node.properties.find((one) => one.type === "Property" && nameOf(one) === name);
  const kind = property?.type === "Property" ? inference.kindOf(property.value) : undefined;
  if (kind !== undefined || !name) return kind;
  const own = nodesIn(node, (one) => one.type === "ThisExpression" && around(one, isClass) === around(node, isClass));
  return inference.assigned(own, name);
}

/** Returns the kind of a member of a class that is declared, or that its methods assign to. */
export function memberOfClass(node: AnyClass, name: string, inference: Inference): Kind | undefined {
  for (const member of node.body.body) {
    if (member.type === "PropertyDefinition" && nameOf(member) === name) {
      const kind =
        (member.typeAnnotation && inference.types.of(member.typeAnnotation)) ?? inference.kindOf(member.value);
      if (kind !== undefined) return kind;
    }
    if (member.type !== "MethodDefinition") continue;
    if (member.kind === "constructor") {
      const parameter = member.value.params.find(
        (one) =>
          one.type === "TSParameterProperty" && one.parameter.type === "Identifier" && one.parameter.name === name,
      );
      if (parameter?.type === "TSParameterProperty" && parameter.parameter.typeAnnotation)
        return inference.types.of(parameter.parameter.typeAnnotation);
    } else if (nameOf(member) === name && member.value.type === "FunctionExpression") {
      const { value } = member;
      return member.kind === "get"
        ? inference.returned(value)
        : { is: "callable", returns: () => inference.returned(value) };
    }
  }
  const own = nodesIn(node, (one) => one.type === "ThisExpression" && around(one, isClass) === node);
  return inference.assigned(own, name);
}

/** Returns the outermost object around a function that is one of its members, as in a component: `{ methods: { run() {} } }`. */
export function outermostObject(node: Node): Node | null {
  const property = parentOf(node);
  const object = property?.type === "Property" ? parentOf(property) : null;
  if (object?.type !== "ObjectExpression") return null;
  return outermostObject(object) ?? object;
}
