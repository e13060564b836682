import type { Node } from "oxc-parser";
import { usesOf } from "../bindings.ts";
import type { Context } from "../context.ts";
import { contains, nameOf, type NodeOf, nodesIn, parentOf, unwrap, wrapped } from "../tree.ts";
import { isDeferred } from "./events.ts";
import { narrowedType } from "./guards.ts";

type Loop = NodeOf<"ForOfStatement">;
/** A read of a field of an event. */
type Read = { node: Node; name: string | undefined; narrowed: string | undefined };

const common: ReadonlySet<string | undefined> = new Set(["type", "endpoint", "fn_index", "time"]);
const UNCHECKED = "A job yields all events: compare the type of the event before its fields are read.";

/** Adds a check of the type to loops that only received the events for which their client had asked. */
export function changeLoops(context: Context): void {
  for (const node of context.inference.nodes) {
    if (node.type !== "ForOfStatement" || context.inference.kindOf(node.right)?.is !== "job") continue;
    const name = loopName(node);
    if (name?.type === "Identifier") changeNamed(node, name, context);
    else if (name?.type === "ObjectPattern") changePattern(node, name, context);
  }
}

function loopName({ left }: Loop): Node | null {
  return left.type === "VariableDeclaration" ? (left.declarations[0]?.id ?? null) : null;
}

function changeNamed(loop: Loop, name: NodeOf<"Identifier">, context: Context): void {
  const { inference, change } = context;
  const variable = inference.bindings.of(name);
  const isType = (one: Node): boolean =>
    one.type === "MemberExpression" && nameOf(one) === "type" && inference.bindings.of(unwrap(one.object)) === variable;
  const uses = (variable ? usesOf(variable) : []).filter((use) => contains(loop.body, use));
  const reads = uses.flatMap((use): Read[] => {
    const member = parentOf(wrapped(use));
    if (member?.type !== "MemberExpression" || unwrap(member.object) !== use) return [];
    return [{ node: member, name: nameOf(member), narrowed: narrowedType(member, isType) }];
  });
  const test = check(reads, loop, context);
  if (test !== null) insert(loop, `${name.name}.type ${test}`, context);
  else if (test === null && reads.some(isOpen) && needsCheck(reads, loop, context)) change.report(loop, UNCHECKED);
}

const isOpen = ({ name, narrowed }: Read): boolean => narrowed === undefined && !common.has(name);

function needsCheck(reads: readonly Read[], loop: Loop, { inference }: Context): boolean {
  const kind = inference.kindOf(loop.right);
  const asked = kind?.is === "job" ? (kind.call?.asked ?? null) : null;
  return reads.some(isOpen) && !(asked && ["data", "status", "log"].every((type) => asked.includes(type)));
}

/** Returns the condition under which an event is skipped, as it follows `event.type`; `null` for none. */
function check(reads: readonly Read[], loop: Loop, { inference }: Context): string | null {
  const open = reads.filter(isOpen);
  if (open.length === 0 || open.some(({ node }) => isDeferred(node, loop))) return null;
  const kind = inference.kindOf(loop.right);
  const asked = kind?.is === "job" ? (kind.call?.asked ?? null) : null;
  const compares = reads.some(({ name }) => name === "type");
  if (!compares) {
    if (open.every(({ name }) => name === "data") || only("data", asked)) return '!== "data"';
    const isStatus = only("status", asked) || open.every(({ name }) => name !== "data" && ofStatus.has(name ?? ""));
    if (isStatus) return '!== "status"';
  }
  return asked !== null && !asked.includes("log") && asked.includes("status") && asked.includes("data")
    ? '=== "log"'
    : null;
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

function only(type: string, asked: readonly string[] | null): boolean {
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
  const isBelow = first !== undefined && /[\r\n]/.test(change.textOf({ start: body.start, end: first.start }));
  if (!isBelow) change.after(body.start + 1, ` ${statement}`);
  else change.after(body.start + 1, `${change.lineEnd}${change.indentAt(first.start)}${statement}`);
}

/** Whether a node is a variable with the name `type`. */
function isNamedType(node: Node): boolean {
  if (node.type !== "Identifier" || node.name !== "type") return false;
  const outer = parentOf(node);
  if (outer?.type === "MemberExpression") return outer.object === node || outer.computed;
  return outer?.type !== "Property" || outer.value === node;
}

/** Adds the type to a pattern that only reads the data: `for await (const { data } of …)`. */
function changePattern(loop: Loop, pattern: NodeOf<"ObjectPattern">, context: Context): void {
  const { inference, change } = context;
  const names = pattern.properties.map((one) => (one.type === "Property" ? nameOf(one) : undefined));
  const type = pattern.properties.find((one) => one.type === "Property" && nameOf(one) === "type");
  const value = type?.type === "Property" && type.value.type === "Identifier" ? type.value : null;
  const variable = value ? inference.bindings.of(value) : undefined;
  const compares = variable !== undefined && usesOf(variable).length > 0;
  const kind = inference.kindOf(loop.right);
  const asked = kind?.is === "job" ? (kind.call?.asked ?? null) : null;
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
