import type { Node } from "oxc-parser";
import type { Context } from "../context.ts";
import { nameOf, type NodeOf, parentOf, unwrap, wrapped } from "../tree.ts";
import { renameMember } from "./clients.ts";
import { isChecked, isPresenceCheck, narrowedType, nothingIn } from "./guards.ts";

/** Fields that have another name, and the same value. */
const renamed: Readonly<Record<string, string>> = {
  data: "outputs",
  position: "rank",
  size: "queueSize",
  progress_data: "progressData",
  fn_index: "fnIndex",
  used_cache: "usedCache",
};

/** Fields that are `null` where they were `undefined`. */
const nullable: ReadonlySet<string> = new Set(["position", "size", "progress_data", "used_cache", "success"]);

/** Durations: seconds in the old package, milliseconds in gradio-rx. */
const durations: Readonly<Record<string, string>> = {
  eta: "eta",
  time_limit: "timeLimit",
  cache_duration: "cacheDuration",
  avg_time: "averageDuration",
};

const same: ReadonlySet<string> = new Set(["type", "endpoint", "time", "stage", "success", "log", "level"]);
/** Fields that a message for the user has, and a status has not. */
const ofLogs: ReadonlySet<string> = new Set(["title", "visible", "duration"]);

const ERROR =
  "is not a field of a status: the loop throws the error of a failed call, with its class, `message` and `title`.";

/** Fields that are reported, with the end of the sentence. */
const advice: Readonly<Record<string, string>> = {
  message: `${ERROR} \`msg\` is one line for a person.`,
  code: ERROR,
  broken: "is not a field of a status: the loop throws a `ConnectionError`.",
  session_not_found: "is not a field of a status: the loop throws a `SessionLostError`.",
  queue: "is not a field of a status: use `queued` of the endpoint in `client.endpoints`.",
  original_msg: "is not a field of a status: compare `stage` with `processing`.",
  changed_state_ids: "is not a field of a status, and has no counterpart.",
};

/** Changes the fields of events. */
export function changeEvents(context: Context): void {
  const { inference, change } = context;
  for (const node of inference.nodes) {
    if (node.type !== "MemberExpression") continue;
    const kind = inference.kindOf(node.object);
    if (kind?.is !== "event") continue;
    const name = nameOf(node);
    const type = kind.type ?? typeAt(node, context);
    if (name === undefined)
      change.report(node, "A computed field of an event is not migrated: check the names that it reads.");
    else if (Object.hasOwn(durations, name) || (name === "duration" && type === "log"))
      changeDuration(node, durations[name] ?? "duration", context);
    else changeField(node, name, type, context);
  }
}

/** Returns the type of the event whose field a node reads, from the comparisons around it. */
function typeAt(node: NodeOf<"MemberExpression">, { inference }: Context): string | undefined {
  const event = unwrap(node.object);
  const variable = inference.bindings.of(event);
  return narrowedType(node, (one) => {
    if (one.type !== "MemberExpression" || nameOf(one) !== "type") return false;
    return variable !== undefined && inference.bindings.of(unwrap(one.object)) === variable;
  });
}

/** Returns the new name of a field; `undefined` where it has none, with a report. */
export function fieldOfEvent(
  node: Node,
  name: string,
  type: string | undefined,
  { change }: Context,
): string | undefined {
  if (same.has(name)) return name;
  if (Object.hasOwn(renamed, name)) return renamed[name];
  if (ofLogs.has(name)) {
    if (type === "log") return name;
    change.report(node, `\`${name}\` is a field of events with the type \`log\` alone: compare the type first.`);
  } else change.report(node, `\`${name}\` ${advice[name] ?? "of an event has no counterpart."}`);
  return undefined;
}

function changeField(node: NodeOf<"MemberExpression">, name: string, type: string | undefined, context: Context): void {
  const { change } = context;
  const to = fieldOfEvent(node, name, type, context);
  if (to !== undefined && to !== name) renameMember(node, to, context);
  const outer = parentOf(wrapped(node));
  if (nullable.has(name)) compareWithNull(outer, context);
  if (name === "type" && outer?.type === "BinaryExpression" && /["']render["']/.test(change.textOf(outer)))
    change.report(
      node,
      "Events of the type `render` have no counterpart: use @gradio-rx/compat for layouts that the app changes.",
    );
}

/** Replaces the `undefined` of a comparison by `null`. */
function compareWithNull(outer: Node | null, { change }: Context): void {
  const nothing = nothingIn(outer);
  if (nothing && outer?.type === "BinaryExpression" && outer.operator.length === 3) change.replace(nothing, "null");
}

function changeDuration(node: NodeOf<"MemberExpression">, to: string, context: Context): void {
  const { change, source } = context;
  const { start, end } = node;
  const outer = parentOf(wrapped(node));
  if (nameOf(node) !== to) renameMember(node, to, context);
  if (isPresenceCheck(node)) {
    compareWithNull(outer, context);
    return;
  }
  if (outer?.type === "LogicalExpression" || node.optional || (outer?.type === "MemberExpression" && outer.optional)) {
    change.report(node, `\`${to}\` is in milliseconds, or \`null\`: divide it by 1000 for seconds.`);
    return;
  }
  const isSafe =
    !source.typed || parentOf(node)?.type === "TSNonNullExpression" || isChecked(node, (one) => change.textOf(one));
  const tight =
    outer !== null &&
    ["BinaryExpression", "UnaryExpression", "MemberExpression", "AwaitExpression"].includes(outer.type);
  const last = wrapped(node).end;
  const [before, after] = isSafe ? ["", ""] : ["(", " ?? 0)"];
  change.before(start, `${tight ? "(" : ""}${before}`);
  change.after(isSafe ? last : end, `${after} / 1000${tight ? ")" : ""}`);
}
