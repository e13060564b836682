import type { Node } from "oxc-parser";
import type { Context } from "../context.ts";
import { canAwait, isNothing, nameOf, type NodeOf, parentOf, unwrap, wrapped } from "../tree.ts";

/** Members that have another name. */
const renamed: Readonly<Record<string, string>> = { session_hash: "sessionHash", component_server: "callComponent" };

/** Members that stay as they are. */
const same: ReadonlySet<string> = new Set(["predict", "submit", "close"]);

const UPLOAD = "has other parameters: call `upload([file], { onProgress })`, or pass the file in the data of the call.";
const REQUEST = "has no counterpart: send the request with the `fetch` of the platform.";
const AGAIN = "has another result: it resolves to nothing, and `config` and `endpoints` are new afterwards.";
const APP =
  "has no counterpart: the URL, the title and the version of the app are in `app.url`, `app.title` and `app.version` of the client.";

/** Members that are reported, with the end of the sentence. */
const advice: Readonly<Record<string, string>> = {
  view_api: "has no counterpart of the same shape: use `endpoints`, or `viewApi()` for a text.",
  api_info: "has no counterpart of the same shape: use `endpoints`.",
  api_map: "has no counterpart: the index of a function is `fnIndex` in `endpoints`.",
  upload: UPLOAD,
  upload_files: UPLOAD,
  post_data: REQUEST,
  fetch: REQUEST,
  stream: REQUEST,
  refresh: AGAIN,
  reconnect:
    "has no counterpart: the client connects again by itself. Subscribe to `connection$`, or connect a new client.",
  get_url_config: "has no counterpart: read `config`.",
  get_page_config: "has no counterpart: connect with the option `page`, and read `config`.",
  set_cookies: "has no counterpart: pass `cookies` to `Client.connect` in Node.",
  app_reference: APP,
  api_prefix: "has no counterpart: URLs of files are complete.",
  options: "has no counterpart: keep the options where the client is connected.",
  deep_link: "has no counterpart: it is an option of `Client.connect`, `deepLink`.",
  page: "has no counterpart: it is an option of `Client.connect`.",
  closed: "has no counterpart: subscribe to `connection$`.",
};

const notBound = (name: string): string =>
  `\`${name}\` is not bound to its client in gradio-rx: call it as a method, for example in \`(...args) => client.${name}(...args)\`.`;

/** Changes reads of members of a client, and the arguments of its calls. */
export function changeClients(context: Context): void {
  for (const node of context.inference.nodes) {
    if (node.type === "MemberExpression" && context.inference.kindOf(node.object)?.is === "client")
      changeMember(node, context);
    if (node.type === "CallExpression") changeCall(node, context);
    if (node.type === "TSIndexedAccessType") changeIndexedType(node, context);
    if (node.type === "NewExpression" && context.inference.kindOf(unwrap(node.callee))?.is === "class")
      context.change.report(
        node,
        "`new Client` has no counterpart: use `await Client.connect`, or `lazyClient`, which connects with the first call.",
      );
    if (
      (node.type === "ClassDeclaration" || node.type === "ClassExpression") &&
      context.inference.kindOf(node.superClass)?.is === "class"
    )
      context.change.report(node, "A subclass of `Client` is not migrated: hold a client in a field instead.");
  }
}

/** Whether a member of a client is the same in gradio-rx, as well as its value. */
export function isSameMember(name: string): boolean {
  return name === "close" || name === "config";
}

/** Reports a member of a client that has no counterpart, and returns the new name of any other. */
export function memberOfClient(node: Node, name: string | undefined, { change, source }: Context): string | undefined {
  if (name === undefined) {
    change.report(node, "A computed member of a client is not migrated: check the names that it reads.");
    return undefined;
  }
  if (same.has(name)) return name;
  if (Object.hasOwn(renamed, name)) return renamed[name];
  if (name === "config") {
    if (source.typed)
      change.report(
        node,
        "`config` has the type `Readonly<Record<string, unknown>>`: check what the code reads of it.",
      );
    return name;
  }
  change.report(node, `\`${name}\` ${advice[name] ?? "of a client has no counterpart."}`);
  return undefined;
}

function changeMember(node: NodeOf<"MemberExpression">, context: Context): void {
  const name = nameOf(node);
  const to = memberOfClient(node, name, context);
  if (to === undefined) return;
  if (to !== name) renameMember(node, to, context);
  const outer = parentOf(wrapped(node));
  const isCalled = outer?.type === "CallExpression" && unwrap(outer.callee) === node;
  if (name === "close" && isCalled && canAwait(outer, context.source.isModule))
    context.change.before(wrapped(outer), "await ");
  if (!isCalled && context.inference.kindOf(node)?.is === "method") context.change.report(node, notBound(to));
}

/** Renames the property of a member expression. */
export function renameMember(node: NodeOf<"MemberExpression">, to: string, { change }: Context): void {
  const isText = node.property.type === "Literal";
  change.replace(node.property, isText ? JSON.stringify(to) : to);
}

function changeCall(node: NodeOf<"CallExpression">, context: Context): void {
  const kind = context.inference.kindOf(unwrap(node.callee));
  if (kind?.is !== "method") return;
  if (node.arguments.some(({ type }) => type === "SpreadElement")) {
    if (["predict", "submit"].includes(kind.name))
      context.change.report(
        node,
        "The arguments of this call are a list: pass event data and a trigger as `{ eventData, triggerId }`.",
      );
    return;
  }
  if (kind.name === "predict") packArguments(node, ["eventData"], context);
  if (kind.name === "submit") packArguments(node, ["eventData", "triggerId", "", "headers"], context);
  if (kind.name === "component_server") {
    const data = node.arguments[2];
    if (
      data?.type === "ObjectExpression" &&
      data.properties.some((one) => one.type === "Property" && nameOf(one) === "binary")
    )
      context.change.report(node, "`callComponent` takes no binary data: pass values that JSON can hold.");
  }
}

/** Moves the arguments after the data into an object. An empty name drops an argument. */
function packArguments(
  { arguments: given }: NodeOf<"CallExpression">,
  names: readonly string[],
  { change }: Context,
): void {
  const extra = given.slice(2, 2 + names.length);
  const kept = extra.flatMap((value, at) =>
    names[at] !== "" && !isNothing(value) ? [{ value, name: names[at]! }] : [],
  );
  if (extra.length === 0) return;
  const last = extra.at(-1)!;
  if (kept.length === 0) {
    change.removeCode(given[1]!.end, last.end);
    return;
  }
  const [first] = kept;
  const end = kept.at(-1)!.value;
  change.removeCode(extra[0]!.start, first!.value.start);
  for (const [at, { value, name }] of kept.entries()) {
    const text = change.textOf(value);
    const label = text === name ? "" : `${name}: `;
    change.before(value, at === 0 ? `{ ${label}` : label);
    const next = kept[at + 1]?.value;
    if (next) {
      change.removeCode(value.end, next.start);
      change.after(value, ", ");
    }
  }
  change.after(end, " }");
  change.removeCode(end.end, last.end);
}

/** Changes `Client["component_server"]`. */
function changeIndexedType(node: NodeOf<"TSIndexedAccessType">, context: Context): void {
  if (context.inference.types.of(node.objectType)?.is !== "client") return;
  const { indexType } = node;
  const literal = indexType.type === "TSLiteralType" ? indexType.literal : null;
  if (literal?.type !== "Literal" || typeof literal.value !== "string") return;
  const to = memberOfClient(node, literal.value, context);
  if (to !== undefined && to !== literal.value) context.change.replace(literal, JSON.stringify(to));
}
