import type { Context } from "../context.ts";
import { canAwait, nameOf, type NodeOf, parentOf, unwrap, wrapped } from "../tree.ts";

const READ = "has no counterpart: read the events with `for await (const event of job)`.";

/** Members that are reported, with the end of the sentence. */
const advice: Readonly<Record<string, string>> = {
  next: READ,
  return: "has no counterpart: call `cancel()`, or leave the loop.",
  throw: "has no counterpart: call `cancel()`, or leave the loop.",
  off: "has no counterpart: call the function that `on` returns.",
  destroy: "has no counterpart: call `cancel()`.",
  wait_for_id: "has no counterpart: read `id` when a status has arrived.",
};

/** Changes calls of the methods of a submission. */
export function changeJobs(context: Context): void {
  const { inference, change } = context;
  for (const node of inference.nodes) {
    if (node.type !== "MemberExpression" || inference.kindOf(node.object)?.is !== "job") continue;
    const name = nameOf(node);
    if (name === undefined) change.report(node, `A computed member of a submission ${READ}`);
    else if (Object.hasOwn(advice, name)) change.report(node, `\`${name}\` of a submission ${advice[name]}`);
    else changeMember(node, name, context);
  }
}

const REJECTS =
  "returns a promise, which rejects where the app does not receive the data: await it, or handle its error.";

function changeMember(node: NodeOf<"MemberExpression">, name: string, { change, source }: Context): void {
  const outer = parentOf(wrapped(node));
  const call = outer?.type === "CallExpression" && unwrap(outer.callee) === node ? outer : null;
  if (call === null) {
    if (["cancel", "event_id", "send_chunk", "close_stream"].includes(name))
      change.report(
        node,
        `\`${name}\` is read without a call: write \`() => job.cancel()\`, \`job.id\`, \`job.send(data)\` or \`job.end()\`.`,
      );
    return;
  }
  const chained = parentOf(wrapped(call));
  if (name === "on" && chained?.type === "MemberExpression" && unwrap(chained.object) === call)
    change.report(
      node,
      "`on` returns a function that removes the listener: call `on` of the job again in place of a chain.",
    );
  if (name === "event_id") {
    change.replace(node.property, "id");
    change.remove(node.end, call.end);
    return;
  }
  const to = name === "send_chunk" ? "send" : "end";
  if (name !== "close_stream" && !(name === "send_chunk" && changeChunk(node, call, change))) return;
  change.replace(node.property, to);
  if (canAwait(call, source.isModule)) change.before(wrapped(call), "await ");
  else if (parentOf(wrapped(call))?.type !== "AwaitExpression") change.report(node, `\`${to}\` ${REJECTS}`);
}

/** Replaces the argument of `send_chunk({ data })` by the data. Returns whether it could. */
function changeChunk(
  node: NodeOf<"MemberExpression">,
  call: NodeOf<"CallExpression">,
  change: Context["change"],
): boolean {
  const [payload] = call.arguments;
  const properties = payload?.type === "ObjectExpression" ? payload.properties : [];
  const [data] = properties;
  if (properties.length !== 1 || data?.type !== "Property" || nameOf(data) !== "data") {
    change.report(node, "`send_chunk` has no counterpart for this argument: call `send(data)` with the data alone.");
    return false;
  }
  change.removeCode(payload!.start, data.value.start);
  change.removeCode(data.value.end, payload!.end);
  return true;
}
