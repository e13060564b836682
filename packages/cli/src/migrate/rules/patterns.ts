import type { Node } from "oxc-parser";
import type { Context } from "../context.ts";
import { type Kind, memberKind } from "../kinds.ts";
import { isFunction, nameOf, type NodeOf, parentOf } from "../tree.ts";
import { memberOfClient } from "./clients.ts";
import { fieldOfEvent } from "./events.ts";
import { changeResultPattern } from "./results.ts";
import { fileFields, reportSpaceField, spaceFields } from "./values.ts";

type Property = NodeOf<"Property">;

const NOT_BOUND =
  "is taken out of its client, but methods of gradio-rx are not bound to it: call it as a method of the client.";
const DURATION = "is in milliseconds, or `null`: divide it by 1000 for seconds.";

/** Changes patterns that take fields out of clients, results, events and files. */
export function changePatterns(context: Context): void {
  const { inference } = context;
  for (const node of inference.nodes) {
    if (node.type === "VariableDeclarator") changePattern(node.id, declaredKind(node, context), context);
    if (node.type === "AssignmentExpression") changePattern(node.left, inference.kindOf(node.right), context);
    if (isFunction(node))
      for (const parameter of node.params) {
        const given: Node = parameter.type === "TSParameterProperty" ? parameter.parameter : parameter;
        changePattern(given, inference.patternKind(given), context);
      }
  }
}

function declaredKind(node: NodeOf<"VariableDeclarator">, { inference }: Context): Kind | undefined {
  const stated = node.id.typeAnnotation && inference.types.of(node.id.typeAnnotation);
  const loop = node.parent ? parentOf(node.parent) : null;
  if (loop?.type === "ForOfStatement" && loop.left === node.parent) return stated ?? inference.loopKind(loop);
  return stated ?? inference.kindOf(node.init);
}

function changePattern(pattern: Node, kind: Kind | undefined, context: Context): void {
  if (kind === undefined) return;
  if (pattern.type === "AssignmentPattern") changePattern(pattern.left, kind, context);
  if (pattern.type === "ArrayPattern")
    for (const [at, element] of pattern.elements.entries())
      if (element) changePattern(element, memberKind(kind, String(at)), context);
  if (pattern.type !== "ObjectPattern") return;
  if (kind.is === "result") changeResultPattern(pattern, kind.call, context);
  for (const property of pattern.properties) {
    if (property.type === "RestElement") reportRest(property, kind, context);
    else {
      changeProperty(property, kind, context);
      changePattern(property.value, memberKind(kind, nameOf(property)), context);
    }
  }
}

function reportRest(node: Node, { is }: Kind, { change }: Context): void {
  if (["client", "event", "result", "job"].includes(is))
    change.report(node, "The rest of the fields is not migrated: check the names that are read.");
}

function changeProperty(property: Property, kind: Kind, context: Context): void {
  const { change } = context;
  const name = nameOf(property);
  if (name === undefined) return;
  let to: string | null | undefined;
  if (kind.is === "client") {
    to = memberOfClient(property, name, context);
    if (memberKind(kind, name)?.is === "method" && to !== undefined)
      change.report(property, `\`${name}\` ${NOT_BOUND}`);
  } else if (kind.is === "event") to = eventField(property, name, kind.type, context);
  else if (kind.is === "value") to = Object.hasOwn(fileFields, name) ? fileFields[name] : undefined;
  else if (kind.is === "space") {
    to = Object.hasOwn(spaceFields, name) ? spaceFields[name] : undefined;
    if (to === null) reportSpaceField(property, name, context);
  } else if (kind.is === "job")
    change.report(
      property,
      `\`${name}\` is taken out of its submission, but methods of gradio-rx are not bound to it: call it as a method of the job.`,
    );
  if (to !== undefined && to !== null && to !== name) renameProperty(property, to, context);
}

function eventField(property: Property, name: string, type: string | undefined, context: Context): string | undefined {
  if (["eta", "time_limit", "cache_duration", "avg_time", "duration"].includes(name)) {
    context.change.report(property, `\`${name}\` ${DURATION}`);
    return name === "eta" || name === "duration" ? name : undefined;
  }
  // The variable of the type is compared in the body, if at all.
  return fieldOfEvent(property, name, type ?? "log", context);
}

/** Renames the field that a pattern reads. Its variable keeps its name. */
function renameProperty(property: Property, to: string, { change }: Context): void {
  if (property.shorthand) change.before(property, `${to}: `);
  else change.replace(property.key, to);
}
