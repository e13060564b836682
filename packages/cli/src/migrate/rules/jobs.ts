import type { Context } from "../context.ts";
import { nameOf, type NodeOf, parentOf, unwrap, wrapped } from "../tree.ts";

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

function changeMember(node: NodeOf<"MemberExpression">, name: string, { change }: Context): void {
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
  } else if (name === "close_stream") change.replace(node.property, "end");
  else if (name === "send_chunk") changeChunk(node, call, change);
}

/** Replaces `send_chunk({ data })` by `send(data)`. */
function changeChunk(
  node: NodeOf<"MemberExpression">,
  call: NodeOf<"CallExpression">,
  change: Context["change"],
): void {
  const [payload] = call.arguments;
  const properties = payload?.type === "ObjectExpression" ? payload.properties : [];
  const [data] = properties;
  if (properties.length !== 1 || data?.type !== "Property" || nameOf(data) !== "data") {
    change.report(node, "`send_chunk` has no counterpart for this argument: call `send(data)` with the data alone.");
    return;
  }
  change.replace(node.property, "send");
  change.remove(payload!.start, data.value.start);
  change.remove(data.value.end, payload!.end);
}
