import type { Node } from "oxc-parser";
import { usesOf } from "../bindings.ts";
import type { Context } from "../context.ts";
import { connecting } from "../infer-calls.ts";
import { isInert, isNothing, nameOf, type NodeOf, parentOf, unwrap } from "../tree.ts";

type Options = NodeOf<"ObjectExpression">;
type Option = NodeOf<"Property">;

/** Options that have another name. */
const renamed: Readonly<Record<string, string>> = {
  hf_token: "token",
  status_callback: "onSpaceStatus",
  oauth_token: "oauthToken",
  session_hash: "sessionHash",
};

const NULL_STATE =
  "`with_null_state` has no counterpart: gradio-rx leaves states out of the outputs. Remove it, and adapt the positions of the outputs.";
const HISTORY = "`record_history` has no counterpart: gradio-rx stores no runs. Remove it, or use @gradio-rx/compat.";
const ELSEWHERE =
  "The options are not written at this call: rename `hf_token`, `status_callback`, `oauth_token` and `session_hash` where they are made, and remove `events`.";
const TOKEN =
  "A token in browser code can be read by every visitor: keep it on a server, for example with the proxy of @gradio-rx/node/proxy.";
const CALLBACK =
  "The callback of `onSpaceStatus` receives `{ spaceId, stage, status, message }`: check the fields that it reads.";

/** Changes the options of `Client.connect` and `Client.duplicate`. */
export function changeOptions(context: Context): void {
  const done = new Set<Node>();
  for (const node of context.inference.nodes) {
    if (node.type !== "CallExpression" && node.type !== "NewExpression") continue;
    const kind = context.inference.kindOf(unwrap(node.callee));
    const isConnection = kind?.is === "function" && connecting.has(kind.name);
    const given = node.arguments[1];
    if (!given || !(isConnection || (kind?.is === "class" && node.type === "NewExpression"))) continue;
    const options = writtenOptions(unwrap(given), context);
    if (options === null) context.change.report(given, ELSEWHERE);
    else if (!done.has(options)) {
      done.add(options);
      const isCopy = kind.is === "function" && kind.name.endsWith("duplicate");
      const removed = changeObject(options, isCopy, context);
      const isEmpty = options.properties.length === removed.size;
      if (isEmpty && options === given) context.change.removeCode(node.arguments[0]!.end, given.end);
      else context.change.removeItems(options.properties, removed);
    }
  }
}

/** Returns the object of the options: the argument, or a variable that is only used as options. */
function writtenOptions(given: Node, { inference }: Context): Options | null {
  if (given.type === "ObjectExpression") return given;
  const variable = given.type === "Identifier" ? inference.bindings.of(given) : undefined;
  const declaration = variable?.defs[0]?.node as unknown as Node | undefined;
  if (!variable || declaration?.type !== "VariableDeclarator" || declaration.init?.type !== "ObjectExpression")
    return null;
  const areOptions = usesOf(variable).every((use) => {
    const call = parentOf(use);
    return (
      call?.type === "CallExpression" &&
      call.arguments[1] === use &&
      inference.kindOf(unwrap(call.callee))?.is === "function"
    );
  });
  return areOptions ? declaration.init : null;
}

/** Changes an object of options, and returns the properties to remove. */
function changeObject(options: Options, isCopy: boolean, context: Context): Set<Node> {
  const removed = new Set<Node>();
  const names = new Set(options.properties.map((one) => (one.type === "Property" ? nameOf(one) : undefined)));
  for (const option of options.properties) {
    if (option.type === "SpreadElement") context.change.report(option, ELSEWHERE);
    else if (changeOption(option, names, isCopy, context) === "remove") removed.add(option);
  }
  return removed;
}

function changeOption(
  option: Option,
  names: ReadonlySet<string | undefined>,
  isCopy: boolean,
  context: Context,
): "remove" | undefined {
  const { change, target } = context;
  const name = nameOf(option) ?? "";
  const value = unwrap(option.value);
  const isFalse = value.type === "Literal" && value.value === false;
  if (name === "events") {
    if (isInert(value)) return "remove";
    change.report(option, "`events` has no counterpart: a job always has all events. Remove it.");
  } else if (name === "with_null_state" || name === "record_history") {
    if (isFalse || isNothing(value)) return "remove";
    change.report(option, name === "record_history" ? HISTORY : NULL_STATE);
  } else if (name === "query_params") changeQuery(option, context);
  else if (name === "cookies" && target === "@gradio-rx/web")
    change.report(
      option,
      "`cookies` is an option of @gradio-rx/node: in a page, the browser sends the cookies. Remove it.",
    );
  else if (name === "credentials" && target === "@gradio-rx/node")
    change.report(option, "`credentials` is an option of @gradio-rx/web: in Node, pass `cookies` instead.");
  else if (name === "timeout" && isCopy) changeTimeout(option, names, context);
  else if ((name === "auth" || name === "status_callback") && isNothing(value)) return "remove";
  if (Object.hasOwn(renamed, name)) rename(option, renamed[name]!, names, context);
  if ((name === "token" || name === "hf_token") && isBrowserCode(context)) change.report(option, TOKEN);
  if (name === "status_callback" && !isFunctionText(value)) change.report(option, CALLBACK);
  return undefined;
}

function isFunctionText(node: Node): boolean {
  return node.type === "ArrowFunctionExpression" || node.type === "FunctionExpression";
}

/** Whether a file runs in pages, as far as it can be told. */
function isBrowserCode({ target, source }: Context): boolean {
  if (target !== "@gradio-rx/client") return target === "@gradio-rx/web";
  return /\.(vue|svelte)$/.test(source.path) || /^\s*["']use client["']/.test(source.text);
}

function rename(option: Option, to: string, names: ReadonlySet<string | undefined>, { change }: Context): void {
  if (names.has(to)) {
    change.report(option, `The options have \`${change.textOf(option.key)}\` and \`${to}\`: remove one of them.`);
    return;
  }
  if (option.shorthand) change.before(option, `${to}: `);
  else change.replace(change.textOf(option.value) === to ? option : option.key, to);
}

/** Replaces `query_params: { deep_link, page }` by the options `deepLink` and `page`. */
function changeQuery(option: Option, { change }: Context): void {
  const value = unwrap(option.value);
  const properties = value.type === "ObjectExpression" ? value.properties : [];
  const known = properties.every((one) => one.type === "Property" && ["deep_link", "page"].includes(nameOf(one) ?? ""));
  if (properties.length === 0 || !known) {
    change.report(
      option,
      "`query_params` has no counterpart: pass `deepLink` and `page`, and anything else as `query`.",
    );
    return;
  }
  change.removeCode(option.start, properties[0]!.start);
  change.removeCode(properties.at(-1)!.end, option.end);
  for (const one of properties) {
    if (one.type !== "Property" || nameOf(one) !== "deep_link") continue;
    if (one.shorthand) change.before(one, "deepLink: ");
    else change.replace(one.key, "deepLink");
  }
}

/** Replaces the minutes of `timeout` by the milliseconds of `sleepTimeout`. */
function changeTimeout(option: Option, names: ReadonlySet<string | undefined>, { change }: Context): void {
  if (option.shorthand) change.before(option, "sleepTimeout: ");
  else change.replace(option.key, "sleepTimeout");
  const isSimple = ["Literal", "Identifier", "MemberExpression", "CallExpression"].includes(option.value.type);
  if (!isSimple) change.before(option.value, "(");
  change.after(option.value, isSimple ? " * 60_000" : ") * 60_000");
  if (!names.has("hardware"))
    change.report(option, "`sleepTimeout` needs hardware that costs money: pass `hardware`, or remove `sleepTimeout`.");
}
