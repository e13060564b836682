import type { Context } from "../context.ts";
import { usesOf } from "../bindings.ts";
import { nodesIn } from "../tree.ts";
import { readsOf } from "./guards.ts";

const fields: ReadonlySet<string | undefined> = new Set([
  "stage",
  "code",
  "queue",
  "success",
  "broken",
  "session_not_found",
  "original_msg",
  "time_limit",
  "progress_data",
]);

/** Reports reads of the fields of a status in `catch` clauses around calls. */
export function reportCatches({ inference, change }: Context): void {
  for (const node of inference.nodes) {
    if (node.type !== "TryStatement" || node.handler?.param?.type !== "Identifier") continue;
    const calls = nodesIn(node.block, (one) => {
      if (one.type === "ForOfStatement") return inference.kindOf(one.right)?.is === "job";
      return one.type === "CallExpression" && inference.kindOf(one.callee)?.is === "method";
    });
    const variable = inference.bindings.of(node.handler.param);
    if (calls.length === 0 || !variable) continue;
    for (const use of usesOf(variable)) {
      const read = readsOf(use);
      if (read && fields.has(read.name))
        change.report(
          read.member,
          `\`${read.name}\` is not a field of the errors of gradio-rx: compare the class, as in \`error instanceof AppError\`.`,
        );
    }
  }
}
