import type { Node } from "oxc-parser";
import { usesOf } from "../bindings.ts";
import type { Context } from "../context.ts";
import type { Asked } from "../kinds.ts";
import { contains, nameOf, type NodeOf, nodesIn, parentOf, unwrap, wrapped } from "../tree.ts";
import { narrowedType } from "./guards.ts";

type Loop = NodeOf<"ForOfStatement">;
/** A use of an event: the field that is read, and the type that comparisons around it require. */
type Read = { name: string | undefined; narrowed: string | undefined };

const common: ReadonlySet<string | undefined> = new Set(["type", "endpoint", "fn_index", "time"]);
const UNCHECKED = "A job yields all events: compare the type of the event before its fields are read.";

/** Adds a check of the type to loops that only received the events for which their client had asked. */
export function changeLoops(context: Context): void {
  for (const node of context.inference.nodes) {
    if (node.type !== "ForOfStatement") continue;
    const kind = context.inference.kindOf(node.right);
    if (kind?.is !== "job") continue;
    const asked = kind.call?.asked ?? null;
    const name = loopName(node);
    if (name?.type === "Identifier") changeNamed(node, name, asked, context);
    else if (name?.type === "ObjectPattern") changePattern(node, name, asked, context);
    else context.change.report(node, UNCHECKED);
  }
}

function loopName({ left }: Loop): Node | null {
  return left.type === "VariableDeclaration" ? (left.declarations[0]?.id ?? null) : null;
}

function changeNamed(loop: Loop, name: NodeOf<"Identifier">, asked: Asked, context: Context): void {
  const reads = readsOf(loop, name, context);
  const open = reads.filter((read) => read.narrowed === undefined && !common.has(read.name));
  if (open.length === 0 && reads.length > 0) return;
  const condition = skipped(
    open,
    asked,
    reads.some((read) => read.name === "type"),
  );
  if (condition !== null) insert(loop, `${name.name}.type ${condition}`, context);
  else if (open.some((read) => read.name !== undefined) && !hasAll(asked)) context.change.report(loop, UNCHECKED);
}

/** Returns the uses of an event in its loop. A use that is not a read of a field has no name. */
function readsOf(loop: Loop, name: Node, { inference }: Context): Read[] {
  const variable = inference.bindings.of(name);
  const isType = (one: Node): boolean =>
    one.type === "MemberExpression" && nameOf(one) === "type" && inference.bindings.of(unwrap(one.object)) === variable;
  const uses = (variable ? usesOf(variable) : []).filter((use) => contains(loop.body, use));
  return uses.map((use): Read => {
    const outer = parentOf(wrapped(use));
    const isMember = outer?.type === "MemberExpression" && unwrap(outer.object) === use;
    return { name: isMember ? nameOf(outer) : undefined, narrowed: narrowedType(isMember ? outer : use, isType) };
  });
}

function hasAll(asked: Asked): boolean {
  return asked !== null && ["data", "status", "log"].every((type) => asked.includes(type));
}

/** Returns the condition under which an event is skipped, as it follows `event.type`; `null` for none. */
function skipped(open: readonly Read[], asked: Asked, compares: boolean): string | null {
  if (only("data", asked)) return '!== "data"';
  if (only("status", asked)) return '!== "status"';
  const isNamed = open.length > 0 && open.every(({ name }) => name !== undefined);
  if (isNamed && !compares) {
    if (open.every(({ name }) => name === "data")) return '!== "data"';
    if (open.every(({ name }) => ofStatus.has(name!))) return '!== "status"';
  }
  const isBoth = asked !== null && asked.includes("status") && asked.includes("data") && !asked.includes("log");
  return isBoth ? '=== "log"' : null;
}

const ofStatus: ReadonlySet<string> = new Set([
  "stage",
  "eta",
  "position",
  "size",
  "progress_data",
  "success",
  "queue",
  "code",
]);

function only(type: string, asked: Asked): boolean {
  return asked !== null && asked.length === 1 && asked[0] === type;
}

/** Inserts `if (…) continue;` at the start of a loop. */
function insert({ body }: Loop, condition: string, { change }: Context): void {
  const statement = `if (${condition}) continue;`;
  if (body.type !== "BlockStatement") {
    change.before(body, `{ ${statement} `);
    change.after(body, " }");
    return;
  }
  const [first] = body.body;
  const opening = change.textOf({ start: body.start, end: first?.start ?? body.end });
  const isBelow = first !== undefined && /[\r\n]/.test(opening);
  if (!isBelow) change.after(body.start + 1, ` ${statement}`);
  else {
    // A comment on the line of the loop stays there.
    const comment = /^\{[ \t]*\/\/[^\r\n]*/.exec(opening)?.[0] ?? "{";
    change.after(body.start + comment.length, `${change.lineEnd}${change.indentAt(first.start)}${statement}`);
  }
}

/** Whether a node is a variable with the name `type`. */
function isNamedType(node: Node): boolean {
  if (node.type !== "Identifier" || node.name !== "type") return false;
  const outer = parentOf(node);
  if (outer?.type === "MemberExpression") return outer.object === node || outer.computed;
  return outer?.type !== "Property" || outer.value === node;
}

/** Adds the type to a pattern that only reads the data: `for await (const { data } of …)`. */
function changePattern(loop: Loop, pattern: NodeOf<"ObjectPattern">, asked: Asked, context: Context): void {
  const { inference, change } = context;
  const names = pattern.properties.map((one) => (one.type === "Property" ? nameOf(one) : undefined));
  const type = pattern.properties.find((one) => one.type === "Property" && nameOf(one) === "type");
  const value = type?.type === "Property" && type.value.type === "Identifier" ? type.value : null;
  const variable = value ? inference.bindings.of(value) : undefined;
  const compares = variable !== undefined && usesOf(variable).length > 0;
  if (compares) {
    if (!only("data", asked)) return;
  } else if (!only("data", asked) && names.some((name) => name !== "data" && !common.has(name))) {
    change.report(loop, UNCHECKED);
    return;
  }
  if (value === null && nodesIn(loop, (one) => isNamedType(one)).length > 0) {
    change.report(loop, UNCHECKED);
    return;
  }
  if (value === null) change.after(pattern.start + 1, " type,");
  insert(loop, `${value?.name ?? "type"} !== "data"`, context);
}
