import type { Node } from "oxc-parser";
import type { Context } from "../context.ts";
import { isFunction, nameOf, type NodeOf, parentOf, textOf, wrapped } from "../tree.ts";

/** Members that values of the old package have, and few others. */
const distinctive: ReadonlySet<string> = new Set([
  "close_stream",
  "component_server",
  "event_id",
  "progress_data",
  "send_chunk",
  "session_hash",
  "upload_files",
  "view_api",
  "wait_for_id",
]);

/**
 * Reports reads that look like those of a client, of variables without a type whose value is not known. In TypeScript, the compiler
 * finds them.
 */
export function reportParameters(context: Context): void {
  const { inference, change, source } = context;
  if (source.typed) return;
  for (const node of inference.nodes) {
    if (node.type !== "MemberExpression" || node.object.type !== "Identifier") continue;
    const name = nameOf(node) ?? "";
    if (!distinctive.has(name) && !isCall(node, name)) continue;
    if (inference.kindOf(node.object) === undefined && isUntyped(node.object, context))
      change.report(
        node,
        `\`${change.textOf(node.object)}\` has no type, and its value is not known: where it is a client or a submission, change \`${name}\` by hand.`,
      );
  }
}

/** Whether a member is called as an endpoint is: `app.predict("/name", …)`. */
function isCall(node: NodeOf<"MemberExpression">, name: string): boolean {
  if (name !== "predict" && name !== "submit") return false;
  const outer = parentOf(wrapped(node));
  return outer?.type === "CallExpression" && outer.callee === wrapped(node) && textOf(outer.arguments[0]) !== undefined;
}

/** Whether a name is that of a parameter or a variable without a type, whose value is not written as an object. */
function isUntyped(name: Node, { inference }: Context): boolean {
  const definition = inference.bindings.of(name)?.defs[0];
  const node = definition?.node as unknown as Node | undefined;
  const target = definition?.name as unknown as Node | undefined;
  if (!node || !target || target.type !== "Identifier" || target.typeAnnotation) return false;
  if (isFunction(node)) return parentOf(target) === node || parentOf(target)?.type === "AssignmentPattern";
  if (node.type !== "VariableDeclarator" || node.id !== target) return false;
  return !node.init || ["AwaitExpression", "CallExpression", "Literal"].includes(node.init.type);
}
